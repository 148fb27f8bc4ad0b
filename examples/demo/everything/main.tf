# One topology of each type. `make demo` applies it on the sandbox.

variable "nodes" {
  description = "How many nodes each topology has."
  type        = number
  default     = 3
}

locals {
  node = {
    flavor_id = "1"
    volume    = { size = 2 }
  }
}

# MySQL: a source and its replicas.

resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_mysql_replica" "orders" {
  count = var.nodes - 1

  name       = "orders-reader-${count.index + 1}"
  replica_of = [trove_instance.orders.id]
}

# MongoDB: a replica set, whose settings change in one reconfiguration.

resource "trove_mongodb_member" "products" {
  count = var.nodes

  name        = "products-${count.index + 1}"
  flavor_id   = local.node.flavor_id
  volume      = local.node.volume
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
}

resource "trove_mongodb_member" "arbiter" {
  count = var.nodes % 2 == 0 ? 1 : 0

  name        = "products-arbiter"
  flavor_id   = local.node.flavor_id
  volume      = local.node.volume
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
  type        = "arbiter"
}

resource "trove_mongodb_replica_set" "products" {
  name = "products"
  members = {
    for n, member in trove_mongodb_member.products : member.id => { priority = var.nodes - n }
  }
}

# Cassandra: a ring with two seeds.

resource "trove_cassandra_node" "events" {
  count = var.nodes

  name            = "events-${count.index + 1}"
  flavor_id       = local.node.flavor_id
  volume          = local.node.volume
  cluster_name    = "events"
  num_tokens      = 256
  is_seed         = count.index < 2
  endpoint_snitch = "GossipingPropertyFileSnitch"
}

# Couchbase: a cluster with a bucket.

resource "trove_couchbase_node" "catalog" {
  count = var.nodes

  name         = "catalog-${count.index + 1}"
  flavor_id    = local.node.flavor_id
  volume       = local.node.volume
  cluster_name = "catalog"
}

resource "trove_couchbase_bucket" "articles" {
  node_id  = trove_couchbase_node.catalog[0].id
  name     = "articles"
  type     = "couchbase"
  ram_mb   = 256
  replicas = 1
}

# Redis: a master, a replica, and a replica of the replica.

resource "trove_redis_node" "sessions" {
  name      = "sessions"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  datastore = { version = "redis-7.2" }
}

resource "trove_redis_node" "relay" {
  name       = "sessions-relay"
  replica_of = trove_redis_node.sessions.id
}

resource "trove_redis_node" "reader" {
  count = var.nodes - 2

  name       = "sessions-reader-${count.index + 1}"
  replica_of = trove_redis_node.relay.id
}

# Redis Cluster: masters, each with a replica.

resource "trove_redis_cluster_node" "master" {
  count = var.nodes

  name         = "carts-${count.index + 1}"
  flavor_id    = local.node.flavor_id
  volume       = local.node.volume
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
}

resource "trove_redis_cluster_node" "replica" {
  count = var.nodes

  name         = "carts-${count.index + 1}-replica"
  flavor_id    = local.node.flavor_id
  volume       = local.node.volume
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  replica_of   = trove_redis_cluster_node.master[count.index].id
}

# Any member shows the topology that it belongs to.

data "trove_topology" "shown" {
  for_each = {
    mysql         = trove_mysql_replica.orders[0].id
    mongodb       = trove_mongodb_replica_set.products.id == "" ? null : trove_mongodb_member.products[0].id
    cassandra     = trove_cassandra_node.events[0].id
    couchbase     = trove_couchbase_bucket.articles.node_id
    redis         = trove_redis_node.relay.id
    redis_cluster = trove_redis_cluster_node.replica[0].id
  }

  instance_id = each.value
  depends_on = [
    trove_mysql_replica.orders, trove_mongodb_replica_set.products, trove_mongodb_member.arbiter, trove_cassandra_node.events,
    trove_couchbase_node.catalog, trove_redis_node.reader, trove_redis_cluster_node.replica,
  ]
}

output "mermaid" {
  value = { for kind, topology in data.trove_topology.shown : kind => topology.mermaid }
}
