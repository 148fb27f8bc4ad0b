# terraform query -generate-config-out=imported.tf
list "trove_redis_cluster_node" "found" {
  provider = trove

  config {
    cluster_name = "carts"
  }
}
