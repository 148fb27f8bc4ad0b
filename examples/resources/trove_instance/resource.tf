resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "db.small"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-5.7" }

  access = {
    is_public     = true
    allowed_cidrs = ["10.0.0.0/8"]
  }

  deletion_protection = true

  timeouts = {
    create = "45m"
  }
}
