# Three masters: one creates the cluster. The others wait for it and join; no references between them are required.
resource "trove_redis_cluster_node" "master" {
  for_each = toset(["carts-a", "carts-b", "carts-c"])

  name            = each.key
  flavor_id       = "2"
  volume          = { size = 5 }
  datastore       = { version = "redis-7.2" }
  cluster_name    = "carts"
  cluster_timeout = 5000 # ms
}

# A replica for each master. A failover plans no change: role and master_id show the present roles.
resource "trove_redis_cluster_node" "replica" {
  for_each = trove_redis_cluster_node.master

  name         = "${each.key}-replica"
  flavor_id    = "2"
  volume       = { size = 5 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  replica_of   = each.value.id
}

output "masters" {
  value = [for n in concat(values(trove_redis_cluster_node.master), values(trove_redis_cluster_node.replica)) : n.name if n.role == "master"]
}
