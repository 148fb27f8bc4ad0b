resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# For all instances of the project.
resource "trove_backup_strategy" "project" {
  swift_container = "backups"
}

# For one of them.
resource "trove_backup_strategy" "orders" {
  instance_id     = trove_instance.orders.id
  swift_container = "backups-of-orders"
}

resource "trove_backup" "orders" {
  depends_on  = [trove_backup_strategy.orders]
  instance_id = trove_instance.orders.id
  name        = "orders"
}
