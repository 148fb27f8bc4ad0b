data "trove_instances" "products" {
  name_prefix = "products-"
}

import {
  for_each = { for i in data.trove_instances.products.instances : i.name => i.id }
  to       = trove_mongodb_member.products[each.key]
  id       = each.value
}

resource "trove_mongodb_member" "products" {
  for_each    = toset(["products-1", "products-2", "products-3"])
  name        = each.key
  replica_set = "products"
  flavor_id   = "2"
  volume      = { size = 5 }
}
