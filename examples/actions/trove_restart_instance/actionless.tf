resource "trove_configuration" "orders" {
  name      = "orders"
  datastore = { type = "mysql", version = "mysql-5.7" }

  values = {
    innodb_buffer_pool_size = 268435456 # takes effect only after a restart
  }
}

resource "trove_instance" "orders" {
  name             = "orders"
  flavor_id        = "2"
  volume           = { size = 20 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = trove_configuration.orders.id
  restart_policy   = "if_needed" # if the values have changed, the next apply restarts
}
