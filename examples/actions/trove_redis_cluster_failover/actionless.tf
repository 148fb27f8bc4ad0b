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

# Once, and again where the text changes. It does not wait for the end.
# Before: export TROVE_TOKEN=$(openstack token issue -f value -c id), and as TROVE_URL what `openstack catalog show database` calls public.
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
