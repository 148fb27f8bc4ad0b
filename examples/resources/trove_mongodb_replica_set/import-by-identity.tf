import {
  to = trove_mongodb_replica_set.products
  identity = {
    name   = "products"
    region = "RegionOne" # the provider's where it is left out
  }
}
