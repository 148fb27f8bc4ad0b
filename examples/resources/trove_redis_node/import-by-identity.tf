import {
  to = trove_redis_node.relay
  identity = {
    id     = "6d0c9a55-1f1e-4c83-9d8c-0d5a0b6c7e42"
    region = "RegionOne" # if omitted, the provider's region
  }
}
