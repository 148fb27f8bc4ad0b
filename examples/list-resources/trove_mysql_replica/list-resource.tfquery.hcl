# terraform query -generate-config-out=imported.tf
list "trove_mysql_replica" "found" {
  provider = trove

  config {
    name_prefix = "orders"
  }
}
