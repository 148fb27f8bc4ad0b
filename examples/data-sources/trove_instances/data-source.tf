data "trove_instances" "waiting" {
  name_prefix    = "orders"
  datastore_type = "mysql"
  status         = "RESTART_REQUIRED"
}

output "waiting_for_a_restart" {
  value = { for i in data.trove_instances.waiting.instances : i.name => i.id }
}
