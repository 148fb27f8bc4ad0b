resource "trove_couchbase_node" "catalog" {
  count = 3

  name         = "catalog-${count.index + 1}"
  flavor_id    = "2"
  volume       = { size = 10 }
  cluster_name = "catalog"
}

# terraform apply -invoke=action.trove_couchbase_rebalance.catalog
action "trove_couchbase_rebalance" "catalog" {
  config {
    instance_id = trove_couchbase_node.catalog[2].id
  }
}
