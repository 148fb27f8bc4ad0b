resource "trove_configuration" "orders" {
  name        = "orders"
  description = "More connections, and a log of slow queries"
  datastore   = { type = "mysql", version = "mysql-5.7" }

  values = {
    max_connections = 500
    long_query_time = 1.5
    autocommit      = true
  }

  lifecycle {
    create_before_destroy = true # instances get the new group before the old one is deleted
  }
}

resource "trove_instance" "orders" {
  name             = "orders"
  flavor_id        = "2"
  volume           = { size = 20 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = trove_configuration.orders.id
}
