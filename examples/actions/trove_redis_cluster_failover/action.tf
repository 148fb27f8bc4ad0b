# terraform apply -invoke=action.trove_redis_cluster_failover.replica
action "trove_redis_cluster_failover" "replica" {
  config {
    instance_id = trove_redis_cluster_node.replica[0].id
  }
}
