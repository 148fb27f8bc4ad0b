import {
  to = trove_mongodb_replica_set.products
  identity = {
    name   = "products"
    region = "RegionOne" # if omitted, the provider's region
  }
}
