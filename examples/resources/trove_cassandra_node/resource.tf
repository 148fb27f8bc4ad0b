# A seed founds the cluster, the others wait for it and join: there are no references between them.
resource "trove_cassandra_node" "products" {
  for_each = {
    products-a = { seed = true }
    products-b = { seed = true }
    products-c = { seed = false }
    products-d = { seed = false }
  }

  name            = each.key
  flavor_id       = "2"
  volume          = { size = 20 }
  datastore       = { version = "cassandra-4.1" }
  cluster_name    = "products"
  num_tokens      = 16
  is_seed         = each.value.seed
  endpoint_snitch = "GossipingPropertyFileSnitch" # those that join may leave it out

  # Where a change replaces a node, the new one joins before the old one leaves.
  lifecycle {
    create_before_destroy = true
  }
}
