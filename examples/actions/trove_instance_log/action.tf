resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# terraform apply -invoke=action.trove_instance_log.slow
action "trove_instance_log" "slow" {
  config {
    instance_id = trove_instance.orders.id
    name        = "slow_query"
    operation   = "publish"
  }
}
