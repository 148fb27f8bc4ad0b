import {
  to = trove_instance_ssl.orders
  identity = {
    instance_id = "2f0b6f35-8a0e-4bb2-8a3c-51a0f1f8a7d2"
    region      = "RegionOne" # if omitted, the provider's region
  }
}
