data "trove_instance" "orders" {
  name = "orders"
}

data "trove_databases" "shops" {
  instance_id = data.trove_instance.orders.id
  name_prefix = "shop_"
}

output "shops" {
  value = data.trove_databases.shops.names
}
