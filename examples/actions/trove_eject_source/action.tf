resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_replica" "standby" {
  count = 2

  name       = "orders-standby-${count.index + 1}"
  replica_of = trove_instance.orders.id
}

# If the source is dead: terraform apply -invoke=action.trove_eject_source.orders
action "trove_eject_source" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}
