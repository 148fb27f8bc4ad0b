import {
  to = trove_replication_source.orders
  identity = {
    id     = "2f0b6f35-8a0e-4bb2-8a3c-51a0f1f8a7d2" # the instance id of any member
    region = "RegionOne"                            # if omitted, the provider's region
  }
}
