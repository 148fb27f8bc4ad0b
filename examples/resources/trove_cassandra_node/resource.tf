# A seed creates the cluster. The other nodes wait for it and join; no references between them are required.
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
  endpoint_snitch = "GossipingPropertyFileSnitch" # can be omitted for nodes that join

  # If a change replaces a node, the new node joins before the old one is removed.
  lifecycle {
    create_before_destroy = true
  }
}
