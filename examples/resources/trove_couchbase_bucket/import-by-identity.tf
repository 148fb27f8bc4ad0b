# Found through any node of the cluster, whichever node_id names.
import {
  to = trove_couchbase_bucket.orders
  identity = {
    cluster_name = "products"
    name         = "orders"
    region       = "RegionOne" # if omitted, the provider's region
  }
}
