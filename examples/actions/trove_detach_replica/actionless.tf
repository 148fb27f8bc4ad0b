# terraform apply -var detached=true
variable "detached" {
  type    = bool
  default = false
}

resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_replica" "reports" {
  name       = "orders-reports"
  replica_of = var.detached ? null : trove_instance.orders.id
}
