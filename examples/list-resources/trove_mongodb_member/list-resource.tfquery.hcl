# terraform query -generate-config-out=imported.tf
list "trove_mongodb_member" "found" {
  provider = trove

  config {
    replica_set = "products"
  }
}
