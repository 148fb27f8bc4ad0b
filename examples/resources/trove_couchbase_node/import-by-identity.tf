import {
  to = trove_couchbase_node.products["products-a"]
  identity = {
    id     = "dfbbd9ca-b5e1-4028-adb7-f78643e17998"
    region = "RegionOne" # if omitted, the provider's region
  }
}
