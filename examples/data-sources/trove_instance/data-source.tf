data "trove_instance" "orders" {
  name = "orders" # or id
}

output "address" {
  value = data.trove_instance.orders.addresses
}
