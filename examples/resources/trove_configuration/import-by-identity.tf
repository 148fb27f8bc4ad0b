import {
  to = trove_configuration.orders
  identity = {
    id     = "4f8d5c1e-2b7a-4a63-9d0e-6c1b2a3f4e5d"
    region = "RegionOne" # if omitted, the provider's region
  }
}
