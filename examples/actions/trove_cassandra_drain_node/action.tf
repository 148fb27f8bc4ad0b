# terraform apply -invoke=action.trove_cassandra_drain_node.events
action "trove_cassandra_drain_node" "events" {
  config {
    instance_id = trove_cassandra_node.events[0].id
  }
}
