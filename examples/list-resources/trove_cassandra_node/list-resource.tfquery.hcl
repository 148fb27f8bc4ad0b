# terraform query -generate-config-out=imported.tf
list "trove_cassandra_node" "found" {
  provider = trove

  config {
    cluster_name = "products"
  }
}
