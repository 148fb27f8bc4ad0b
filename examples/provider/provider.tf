terraform {
  required_providers {
    trove = {
      source = "opentrove/trove"
    }
  }
}

# All settings can come from the environment (OS_AUTH_URL, OS_USERNAME, ...) or from clouds.yaml.
provider "trove" {
  cloud  = "openstack" # an entry of clouds.yaml
  region = "RegionOne"
}
