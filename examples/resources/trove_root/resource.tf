resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

variable "root_password" {
  type      = string
  ephemeral = true
  default   = "change-me-1" # better: an ephemeral resource, such as a secret of a vault
}

# To rotate the password, change it and increment the version.
resource "trove_root" "orders" {
  instance_id         = trove_instance.orders.id
  password_wo         = var.root_password
  password_wo_version = 1
}
