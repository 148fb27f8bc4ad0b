resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# As an administrator:
# terraform apply -invoke=action.trove_migrate_instance.orders
action "trove_migrate_instance" "orders" {
  config {
    instance_id = trove_instance.orders.id
    host        = "compute-2" # if omitted, the compute service chooses one
  }
}
