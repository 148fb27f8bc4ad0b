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

# terraform apply -invoke=action.trove_detach_replica.reports
# Afterwards, set detached to true: the next plan then has no changes.
action "trove_detach_replica" "reports" {
  config {
    instance_id = trove_replica.reports.id
  }
}
