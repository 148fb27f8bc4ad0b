resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# Runs once, and again if the text changes.
# Before: export TROVE_TOKEN=$(openstack token issue -f value -c id), and set TROVE_URL to the public URL of `openstack catalog show database`.
resource "terraform_data" "back" {
  triggers_replace = "the incident of November"

  provisioner "local-exec" {
    command = <<-END
      for change in '{"ssl": {"enable": true, "container_ref": "https://key-manager.example.com/v1/secrets/2b4ed0f0"}}' '{"ssl": {"rollback": true}}'; do
        curl -sS --fail-with-body "$TROVE_URL/instances/$ID/ssl" -H "X-Auth-Token: $TROVE_TOKEN" -H "Content-Type: application/json" -d "$change"
      done
    END
    environment = {
      ID = trove_instance.orders.id
    }
  }
}
