import {
  to = trove_quota.shop
  identity = {
    id     = "3712d78b3b004dff95ebfc2e6005bd9c" # of the project
    region = "RegionOne"                        # if omitted, the provider's region
  }
}
