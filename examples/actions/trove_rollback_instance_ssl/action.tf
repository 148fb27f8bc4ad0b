resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

resource "trove_instance_ssl" "orders" {
  instance_id    = trove_instance.orders.id
  mode           = "enforced"
  container_ref  = "https://key-manager.example.com/v1/secrets/2b4ed0f0-586b-49c4-a183-716a66d86f4e"
  restart_policy = "if_needed"
}

# terraform apply -invoke=action.trove_rollback_instance_ssl.orders
action "trove_rollback_instance_ssl" "orders" {
  config {
    instance_id = trove_instance_ssl.orders.instance_id
  }
}
