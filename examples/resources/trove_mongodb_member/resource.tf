# One member creates the set. The other members wait for it and join; no references between them are required.
resource "trove_mongodb_member" "products" {
  for_each = {
    products-a = { priority = 2 }
    products-b = { priority = 1 }
    products-c = { priority = 0, hidden = true, delay = 3600 } # one hour behind, to recover from accidental writes
  }

  name                 = each.key
  flavor_id            = "db.small"
  volume               = { size = 10 }
  datastore            = { version = "mongodb-7.0" }
  replica_set          = "products"
  priority             = each.value.priority
  hidden               = try(each.value.hidden, null)
  secondary_delay_secs = try(each.value.delay, null)
}
