import {
  to = trove_backup.full
  identity = {
    id     = "1f7e2c30-6a35-4d5e-9a0b-0a6d2b1c7e11"
    region = "RegionOne" # if omitted, the provider's region
  }
}
