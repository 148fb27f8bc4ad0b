resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

# Runs once, and again if the text changes.
# Before: export TROVE_TOKEN=$(openstack token issue -f value -c id) as an administrator, and set TROVE_URL to the public URL of
# `openstack catalog show database`.
resource "terraform_data" "orders" {
  triggers_replace = "the incident of November"

  provisioner "local-exec" {
    command = <<-END
      curl -sS --fail-with-body "$TROVE_URL/mgmt/instances/$ID/action" -H "X-Auth-Token: $TROVE_TOKEN" \
        -H "Content-Type: application/json" -d "{\"reboot\": {}}"
    END
    environment = {
      ID = trove_instance.orders.id
    }
  }
}
