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
}

# At any time: terraform apply -invoke=action.trove_restart_instance.orders
action "trove_restart_instance" "orders" {
  config {
    instance_id = trove_instance.orders.id
  }
}

# Whenever the values change. The trigger cannot be in the group itself, because the instance refers to the group.
resource "terraform_data" "settings" {
  input = trove_configuration.orders.values

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.trove_restart_instance.orders]
    }
  }
}
