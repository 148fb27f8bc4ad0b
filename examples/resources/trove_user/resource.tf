resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

resource "trove_database" "orders" {
  instance_id = trove_instance.orders.id
  name        = "orders"
}

variable "orders_password" {
  type      = string
  ephemeral = true
  default   = "change-me-1" # better: an ephemeral resource, such as a secret of a vault
}

# To rotate the password, change it and increment the version.
resource "trove_user" "orders" {
  instance_id         = trove_instance.orders.id
  name                = "orders"
  host                = "10.0.0.%"
  databases           = [trove_database.orders.name]
  password_wo         = var.orders_password
  password_wo_version = 1
}
