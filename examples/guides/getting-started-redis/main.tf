resource "trove_redis_node" "master" {
  name      = "sessions"
  flavor_id = "db.tiny"
  volume    = { size = 5 }
  networks  = [{ id = "sandbox" }]
}

resource "trove_redis_node" "replica" {
  name       = "sessions-replica"
  replica_of = trove_redis_node.master.id
  networks   = [{ id = "sandbox" }]
}

output "master" {
  value = trove_redis_node.master.addresses[0].address
}

output "replica" {
  value = trove_redis_node.replica.addresses[0].address
}
