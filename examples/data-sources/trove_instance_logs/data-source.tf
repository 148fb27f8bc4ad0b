data "trove_instance" "orders" {
  name = "orders"
}

data "trove_instance_logs" "orders" {
  instance_id = data.trove_instance.orders.id
}

output "published" {
  value = { for l in data.trove_instance_logs.orders.logs : l.name => "${l.container}/${l.prefix}" if l.container != null }
}
