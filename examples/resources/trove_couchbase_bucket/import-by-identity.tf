# Found through any node of the cluster: which one node_id names is no matter.
import {
  to = trove_couchbase_bucket.orders
  identity = {
    cluster_name = "products"
    name         = "orders"
    region       = "RegionOne" # the provider's where it is left out
  }
}
