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

# Runs once, and again if the text changes. It does not wait for the result.
# Before: export TROVE_TOKEN=$(openstack token issue -f value -c id), and set TROVE_URL to the public URL of `openstack catalog show database`.
resource "terraform_data" "failover" {
  triggers_replace = "before the maintenance of November"

  provisioner "local-exec" {
    command = <<-END
      curl -sS --fail-with-body "$TROVE_URL/instances/$ID/topology/action" -H "X-Auth-Token: $TROVE_TOKEN" \
        -H "Content-Type: application/json" -d "{\"redis_cluster\": {\"failover\": {\"id\": \"$ID\"}}}"
    END
    environment = {
      ID = trove_redis_cluster_node.replica[0].id
    }
  }
}
