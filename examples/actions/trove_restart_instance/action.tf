resource "trove_configuration" "orders" {
  name      = "orders"
  datastore = { type = "mysql", version = "mysql-5.7" }

  values = {
    innodb_buffer_pool_size = 268435456 # takes effect after a restart only
  }
}

resource "trove_instance" "orders" {
  name             = "orders"
  flavor_id        = "2"
  volume           = { size = 20 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = trove_configuration.orders.id
}

# At any time: terraform apply -invoke=action.trove_restart_instance.orders
action "trove_restart_instance" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}

# Whenever the values change. The trigger cannot stand in the group itself, since the instance refers to that.
resource "terraform_data" "settings" {
  input = trove_configuration.orders.values

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.trove_restart_instance.orders]
    }
  }
}
