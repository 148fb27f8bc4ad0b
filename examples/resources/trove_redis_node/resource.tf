resource "trove_redis_node" "master" {
  name      = "sessions"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { version = "redis-7.2" }
}

# A replica of the master, and two readers that replicate from it: the master has only one replica. Flavor, volume and datastore are those of the source.
resource "trove_redis_node" "relay" {
  name       = "sessions-relay"
  replica_of = trove_redis_node.master.id # remove this to promote it in place; the readers keep replicating from it
}

resource "trove_redis_node" "reader" {
  count = 2

  name       = "sessions-reader-${count.index + 1}"
  replica_of = trove_redis_node.relay.id
}
