resource "trove_cassandra_node" "events" {
  count = 2

  name            = "events-${count.index + 1}"
  flavor_id       = "2"
  volume          = { size = 20 }
  cluster_name    = "events"
  num_tokens      = 16
  is_seed         = true
  endpoint_snitch = "GossipingPropertyFileSnitch"
}

# terraform apply -invoke=action.trove_cassandra_drain_node.events
action "trove_cassandra_drain_node" "events" {
  config {
    instance_id = trove_cassandra_node.events[0].id
  }
}
