resource "trove_redis_cluster_node" "master" {
  count = 3

  name         = "carts-${count.index + 1}"
  flavor_id    = "2"
  volume       = { size = 5 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
}

resource "trove_redis_cluster_node" "replica" {
  count = 3

  name         = "carts-${count.index + 1}-replica"
  flavor_id    = "2"
  volume       = { size = 5 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  replica_of   = trove_redis_cluster_node.master[count.index].id
}

# terraform apply -invoke=action.trove_redis_cluster_failover.replica
action "trove_redis_cluster_failover" "replica" {
  config {
    instance_id = trove_redis_cluster_node.replica[0].id
  }
}
