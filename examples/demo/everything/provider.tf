terraform {
  required_providers {
    trove = {
      source = "opentrove/trove"
    }
  }
}

# All settings come from the environment: OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and so on.
provider "trove" {}
