resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "db.tiny"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_mysql_replica" "reader" {
  count = 2

  name       = "orders-reader-${count.index + 1}"
  replica_of = [trove_instance.orders.id]
}

data "trove_topology" "orders" {
  instance_id = trove_instance.orders.id
  depends_on  = [trove_mysql_replica.reader]
}

output "topology" {
  value = data.trove_topology.orders.mermaid
}
