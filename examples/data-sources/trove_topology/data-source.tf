# Any member of the topology will do: all of it is shown.
data "trove_topology" "orders" {
  instance_id = "7a1d4b0c-6a2f-4f2b-9a57-3f6a7c1f0d11"
}

output "diagram" {
  value = data.trove_topology.orders.mermaid
}

output "names" {
  value = [for member in data.trove_topology.orders.members : member.name]
}
