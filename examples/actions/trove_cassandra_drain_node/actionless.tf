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

# Runs once, and again if the text changes. It does not wait for the result.
# Before: export TROVE_TOKEN=$(openstack token issue -f value -c id), and set TROVE_URL to the public URL of `openstack catalog show database`.
resource "terraform_data" "drain" {
  triggers_replace = "before the maintenance of November"

  provisioner "local-exec" {
    command = <<-END
      curl -sS --fail-with-body "$TROVE_URL/instances/$ID/topology/action" -H "X-Auth-Token: $TROVE_TOKEN" \
        -H "Content-Type: application/json" -d "{\"cassandra\": {\"drain_node\": {\"id\": \"$ID\"}}}"
    END
    environment = {
      ID = trove_cassandra_node.events[0].id
    }
  }
}
