# A MySQL source with two replicas. `make demo` applies it on the sandbox.

terraform {
  required_providers {
    trove = {
      source = "opentrove/trove"
    }
  }
}

# All settings come from the environment: OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and so on.
provider "trove" {}

variable "promote" {
  description = "The replica to promote to a standalone server."
  type        = string
  default     = null
}

# Of a network, an instance gets an address. The sandbox takes any id.
locals {
  networks = [{ id = "sandbox" }]
}

resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-5.7" }
  networks  = local.networks
}

resource "trove_database" "orders" {
  instance_id = trove_instance.source.id
  name        = "orders"
}

resource "trove_user" "app" {
  instance_id         = trove_instance.source.id
  name                = "app"
  password_wo         = "demo-password" # in earnest, from an ephemeral resource
  password_wo_version = 1
  databases           = [trove_database.orders.name]
}

resource "trove_mysql_replica" "reader" {
  for_each = toset(["orders-reader-1", "orders-reader-2"])

  name      = each.key
  flavor_id = "1"
  volume    = { size = 5 }
  datastore = { version = "mysql-5.7" }
  networks  = local.networks

  # Removing replica_of promotes the replica in place.
  replica_of = each.key == var.promote ? null : [trove_instance.source.id]
}

data "trove_topology" "orders" {
  instance_id = trove_instance.source.id
  depends_on  = [trove_mysql_replica.reader] # read after the replicas are created
}

output "mermaid" {
  value = data.trove_topology.orders.mermaid
}

output "addresses" {
  value = merge(
    { orders = trove_instance.source.addresses[*].address },
    { for name, replica in trove_mysql_replica.reader : name => replica.addresses[*].address },
  )
}
