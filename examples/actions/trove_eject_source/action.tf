# terraform apply -invoke=action.trove_eject_source.orders
action "trove_eject_source" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}
