data "trove_instance" "orders" {
  name = "orders"
}

data "trove_users" "orders" {
  instance_id = data.trove_instance.orders.id
}

output "from_anywhere" {
  value = [for u in data.trove_users.orders.users : u.name if u.host == "%"]
}
