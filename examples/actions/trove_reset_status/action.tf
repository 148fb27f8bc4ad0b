resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# As an administrator, when nothing is going on any more:
# terraform apply -invoke=action.trove_reset_status.orders
action "trove_reset_status" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}
