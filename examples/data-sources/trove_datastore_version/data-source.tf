# The default version.
data "trove_datastore_version" "mysql" {
  type = "mysql"
}

output "version" {
  value = data.trove_datastore_version.mysql.version
}

output "connections_at_most" {
  value = data.trove_datastore_version.mysql.parameters["max_connections"].max
}

output "only_by_a_restart" {
  value = [for name, p in data.trove_datastore_version.mysql.parameters : name if p.restart_required]
}
