resource "trove_couchbase_node" "products" {
  for_each = toset(["products-a", "products-b"])

  name         = each.key
  flavor_id    = "2"
  volume       = { size = 10 }
  datastore    = { version = "couchbase-7.2" }
  cluster_name = "products"
}

# The bucket belongs to the cluster; node_id can be any of its nodes.
resource "trove_couchbase_bucket" "orders" {
  node_id  = trove_couchbase_node.products["products-a"].id
  name     = "orders"
  ram_mb   = 256
  replicas = 1

  depends_on = [trove_couchbase_node.products] # created after all nodes, and deleted before them
}

resource "trove_couchbase_bucket" "sessions" {
  node_id = trove_couchbase_node.products["products-a"].id
  name    = "sessions"
  type    = "memcached"
  port    = 11222
  ram_mb  = 128

  depends_on = [trove_couchbase_node.products]
}
