resource "trove_couchbase_node" "catalogue" {
  count = 3

  name         = "catalogue-${count.index + 1}"
  flavor_id    = "2"
  volume       = { size = 10 }
  cluster_name = "catalogue"
}

# terraform apply -invoke=action.trove_couchbase_rebalance.catalogue
action "trove_couchbase_rebalance" "catalogue" {
  config {
    instance_id = trove_couchbase_node.catalogue[2].id
  }
}
