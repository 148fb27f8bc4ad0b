resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

resource "trove_database" "orders" {
  instance_id   = trove_instance.orders.id
  name          = "orders"
  character_set = "utf8mb4"
  collate       = "utf8mb4_unicode_ci"
}
