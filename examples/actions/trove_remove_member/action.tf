resource "trove_mongodb_member" "products" {
  count = 4

  name        = "products-${count.index + 1}"
  flavor_id   = "2"
  volume      = { size = 10 }
  replica_set = "products"
  votes       = count.index < 3 ? 1 : 0
  priority    = count.index < 3 ? 1 : 0
}

# terraform apply -invoke=action.trove_remove_member.products
# Afterwards: terraform state rm 'trove_mongodb_member.products[3]', and count = 3.
action "trove_remove_member" "products" {
  config {
    instance_id = trove_mongodb_member.products[3].id
  }
}
