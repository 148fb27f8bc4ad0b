variable "masters" {
  type    = number
  default = 3
}

variable "promote" {
  type    = bool
  default = false
}

variable "source_of_ledger" {
  type    = number
  default = 0
}

variable "eject_dead_source" {
  type    = string
  default = null
}

locals {
  node = { flavor_id = "1", volume = { size = 2 } }
}

# MariaDB: a replica of two sources.

resource "trove_instance" "shop" {
  count = 2

  name      = "shop-${count.index + 1}"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  datastore = { type = "mysql", version = "mysql-8.0" }
  networks  = [{ id = "sandbox" }]
}

resource "trove_database" "shop" {
  count = 2

  instance_id = trove_instance.shop[count.index].id
  name        = "shop${count.index + 1}"
}

resource "trove_user" "app" {
  count = 2

  instance_id         = trove_instance.shop[count.index].id
  name                = "app${count.index + 1}"
  databases           = [trove_database.shop[count.index].name]
  password_wo         = "app-password"
  password_wo_version = 1
}

resource "trove_mysql_replica" "both" {
  name       = "shop-both"
  replica_of = trove_instance.shop[*].id
  depends_on = [trove_user.app]
  networks   = [{ id = "sandbox" }]
}

# Redis: a chain of three, whose middle is promoted.

resource "trove_redis_node" "first" {
  name      = "chain-1"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  networks  = [{ id = "sandbox" }]
}

resource "trove_redis_node" "second" {
  name       = "chain-2"
  replica_of = var.promote ? null : trove_redis_node.first.id
  networks   = [{ id = "sandbox" }]
}

resource "trove_redis_node" "third" {
  name       = "chain-3"
  replica_of = trove_redis_node.second.id
  networks   = [{ id = "sandbox" }]
}

# Redis Cluster: three masters with a replica each, and more.

resource "trove_redis_cluster_node" "master" {
  count = var.masters

  name         = "carts-${count.index + 1}"
  flavor_id    = local.node.flavor_id
  volume       = local.node.volume
  cluster_name = "carts"
  networks     = [{ id = "sandbox" }]
}

resource "trove_redis_cluster_node" "replica" {
  count = var.masters

  name         = "carts-${count.index + 1}-replica"
  flavor_id    = local.node.flavor_id
  volume       = local.node.volume
  cluster_name = "carts"
  replica_of   = trove_redis_cluster_node.master[count.index].id
  networks     = [{ id = "sandbox" }]
}

# PostgreSQL: a source with two replicas, which is switched over, and ejected when it is dead.

resource "trove_instance" "ledger" {
  name      = "ledger-1"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  datastore = { type = "postgresql" }
  networks  = [{ id = "sandbox" }]
}

resource "trove_root" "ledger" {
  instance_id         = trove_instance.ledger.id
  password_wo         = "root-password"
  password_wo_version = 1
}

resource "trove_replica" "ledger" {
  count = 2

  name       = "ledger-${count.index + 2}"
  replica_of = trove_instance.ledger.id
  depends_on = [trove_root.ledger]
  networks   = [{ id = "sandbox" }]
}

locals {
  ledger = concat([trove_instance.ledger], trove_replica.ledger)
}

resource "trove_replication_source" "ledger" {
  members           = local.ledger[*].id
  source_id         = local.ledger[var.source_of_ledger].id
  eject_dead_source = var.eject_dead_source
}

output "ledger_ids" {
  value = local.ledger[*].id
}

output "addresses" {
  value = {
    shop   = [for i in concat(trove_instance.shop, [trove_mysql_replica.both]) : i.addresses[0].address]
    chain  = [for i in [trove_redis_node.first, trove_redis_node.second, trove_redis_node.third] : i.addresses[0].address]
    carts  = [for i in concat(trove_redis_cluster_node.master, trove_redis_cluster_node.replica) : i.addresses[0].address]
    ledger = [for i in local.ledger : i.addresses[0].address]
  }
}
