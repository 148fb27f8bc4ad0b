# One node founds the cluster, the others wait for it and join: there are no references between them.
resource "trove_couchbase_node" "products" {
  for_each = toset(["products-a", "products-b", "products-c"])

  name         = each.key
  flavor_id    = "2"
  volume       = { size = 10 }
  datastore    = { version = "couchbase-7.2" }
  cluster_name = "products"
}
