import {
  to = trove_replica.standby
  identity = {
    id     = "7a1d4b0c-6a2f-4f2b-9a57-3f6a7c1f0d11"
    region = "RegionOne" # if omitted, the provider's region
  }
}
