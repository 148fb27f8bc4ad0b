import {
  to = trove_cassandra_node.products["products-a"]
  identity = {
    id     = "3fd4b2a6-5f0e-4d5c-9a3d-0c4f0f6c8f11"
    region = "RegionOne" # if omitted, the provider's region
  }
}
