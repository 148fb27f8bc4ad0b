import {
  to = trove_datastore_version.mysql
  identity = {
    id     = "7b1d9f5e-2c54-4d0e-9a43-6f8f7a0f5c11"
    region = "RegionOne" # if omitted, the provider's region
  }
}
