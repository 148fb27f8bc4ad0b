# As an administrator: terraform query -generate-config-out=imported.tf
list "trove_datastore_version" "mysql" {
  provider = trove

  config {
    type        = "mysql"
    name_prefix = "mysql-8.4"
  }
}
