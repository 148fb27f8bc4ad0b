resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "postgresql", version = "postgresql-16" }
}

# Flavor, volume and datastore are those of the source. Removing replica_of detaches the replica in place.
resource "trove_replica" "standby" {
  name       = "orders-standby"
  replica_of = trove_instance.orders.id
}

resource "trove_replica" "reader" {
  count = 2

  name       = "orders-reader-${count.index + 1}"
  replica_of = trove_instance.orders.id
}
