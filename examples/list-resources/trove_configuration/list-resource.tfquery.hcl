# terraform query -generate-config-out=imported.tf
list "trove_configuration" "found" {
  provider = trove

  config {
    datastore_type    = "mysql"
    datastore_version = "mysql-5.7"
  }
}
