resource "trove_redis_node" "master" {
  name      = "sessions"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { version = "redis-7.2" }
}

# A replica of the master, and two readers below it: the master feeds one replica only. Flavor, volume and datastore are the source's.
resource "trove_redis_node" "relay" {
  name       = "sessions-relay"
  replica_of = trove_redis_node.master.id # take this out, and it is promoted in place; the readers follow it
}

resource "trove_redis_node" "reader" {
  count = 2

  name       = "sessions-reader-${count.index + 1}"
  replica_of = trove_redis_node.relay.id
}
