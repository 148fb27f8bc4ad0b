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

# Set source_id to another member to switch over in place.
resource "trove_replication_source" "orders" {
  members   = concat([trove_instance.orders.id], trove_replica.standby[*].id)
  source_id = trove_instance.orders.id
  # eject_dead_source = "2026-11-22" # only if the source is dead: today's date in UTC
}
