data "trove_instance" "orders" {
  name = "orders"
}

data "trove_databases" "orders" {
  instance_id = data.trove_instance.orders.id
}

data "trove_users" "orders" {
  instance_id = data.trove_instance.orders.id
}

import {
  for_each = zipmap(data.trove_databases.orders.names, data.trove_databases.orders.ids)
  to       = trove_database.orders[each.key]
  id       = each.value
}

import {
  for_each = { for u in data.trove_users.orders.users : "${u.name}@${u.host}" => u.id }
  to       = trove_user.orders[each.key]
  id       = each.value
}

resource "trove_database" "orders" {
  for_each    = toset(data.trove_databases.orders.names)
  instance_id = data.trove_instance.orders.id
  name        = each.key
}

resource "trove_user" "orders" {
  for_each    = { for u in data.trove_users.orders.users : "${u.name}@${u.host}" => u }
  instance_id = data.trove_instance.orders.id
  name        = each.value.name
  host        = each.value.host
  databases   = each.value.databases
}
