# terraform apply -invoke=action.trove_restart_instance.orders
action "trove_restart_instance" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}
