import {
  to = trove_redis_cluster_node.master["carts-a"]
  identity = {
    id     = "4f2d9a70-7c1b-4d5e-8f6a-2b3c4d5e6f70"
    region = "RegionOne" # if omitted, the provider's region
  }
}
