data "trove_flavor" "small" {
  name = "db.small"
}

resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = data.trove_flavor.small.id
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
