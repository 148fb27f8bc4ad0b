# terraform query -generate-config-out=imported.tf
list "trove_replica" "found" {
  provider = trove

  config {
    name_prefix = "orders"
  }
}
