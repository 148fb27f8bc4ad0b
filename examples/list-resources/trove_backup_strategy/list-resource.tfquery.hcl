# terraform query -generate-config-out=imported.tf
list "trove_backup_strategy" "found" {
  provider = trove
}
