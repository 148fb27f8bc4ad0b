resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "db.small"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

# Two replicas of one source. Flavor, volume and datastore are those of the source.
resource "trove_mysql_replica" "reader" {
  count = 2

  name       = "orders-reader-${count.index + 1}"
  replica_of = [trove_instance.orders.id]
}

# Larger than its source, to be promoted later: removing replica_of does that in place.
resource "trove_mysql_replica" "standby" {
  name       = "orders-standby"
  flavor_id  = "db.medium"
  volume     = { size = 40 }
  replica_of = [trove_instance.orders.id]
}
