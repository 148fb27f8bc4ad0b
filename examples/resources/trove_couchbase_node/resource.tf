# One node creates the cluster. The other nodes wait for it and join; no references between them are required.
resource "trove_couchbase_node" "products" {
  for_each = toset(["products-a", "products-b", "products-c"])

  name         = each.key
  flavor_id    = "2"
  volume       = { size = 10 }
  datastore    = { version = "couchbase-7.2" }
  cluster_name = "products"
}
