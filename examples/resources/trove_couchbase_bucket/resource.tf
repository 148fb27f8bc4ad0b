resource "trove_couchbase_node" "products" {
  for_each = toset(["products-a", "products-b"])

  name         = each.key
  flavor_id    = "2"
  volume       = { size = 10 }
  datastore    = { version = "couchbase-7.2" }
  cluster_name = "products"
}

# The bucket belongs to the cluster, which any of its nodes stands for. It waits for all nodes of the for_each.
resource "trove_couchbase_bucket" "orders" {
  node_id  = trove_couchbase_node.products["products-a"].id
  name     = "orders"
  ram_mb   = 256
  replicas = 1
}

resource "trove_couchbase_bucket" "sessions" {
  node_id = trove_couchbase_node.products["products-a"].id
  name    = "sessions"
  type    = "memcached"
  port    = 11222
  ram_mb  = 128
}
