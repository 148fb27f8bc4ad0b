# terraform query -generate-config-out=imported.tf
list "trove_instance" "found" {
  provider = trove

  config {
    name_prefix = "orders"
  }
}
