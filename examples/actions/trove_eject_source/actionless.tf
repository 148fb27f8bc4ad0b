resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_replica" "standby" {
  count = 2

  name       = "orders-standby-${count.index + 1}"
  replica_of = trove_instance.orders.id
}

variable "eject_dead_source" {
  description = "Today's date in UTC: consent to lose data that the dead source had not yet sent to a replica."
  type        = string
  default     = null
}

# If the source is dead, set source_id to another member and run: terraform apply -var eject_dead_source=$(date -u +%F)
resource "trove_replication_source" "orders" {
  members           = concat([trove_instance.orders.id], trove_replica.standby[*].id)
  source_id         = trove_instance.orders.id
  eject_dead_source = var.eject_dead_source
}
