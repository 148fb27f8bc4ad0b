# terraform query -generate-config-out=imported.tf
list "trove_redis_node" "found" {
  provider = trove

  config {
    name_prefix = "sessions"
  }
}
