# terraform apply -invoke=action.trove_couchbase_rebalance.catalogue
action "trove_couchbase_rebalance" "catalogue" {
  config {
    instance_id = trove_couchbase_node.catalogue[0].id
  }
}
