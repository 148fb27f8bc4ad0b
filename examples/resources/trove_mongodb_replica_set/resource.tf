resource "trove_mongodb_member" "products" {
  count = 3

  name        = "products-${count.index}"
  flavor_id   = "2"
  volume      = { size = 10 }
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
}

# All settings in one place: all changes are sent as one reconfiguration.
resource "trove_mongodb_replica_set" "products" {
  name = "products"
  members = {
    for n, member in trove_mongodb_member.products : member.id => { priority = 3 - n }
  }
}
