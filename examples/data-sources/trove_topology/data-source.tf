data "trove_instance" "orders" {
  name = "orders"
}

# instance_id can be any member of the topology.
data "trove_topology" "orders" {
  instance_id = data.trove_instance.orders.id
}

output "diagram" {
  value = data.trove_topology.orders.mermaid
}

output "names" {
  value = [for member in data.trove_topology.orders.members : member.name]
}
