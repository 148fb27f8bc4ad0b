resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}

resource "trove_backup" "full" {
  instance_id = trove_instance.orders.id
  name        = "orders-full"
  description = "before the big migration"
}

# An incremental backup: what has changed since.
resource "trove_backup" "later" {
  instance_id = trove_instance.orders.id
  name        = "orders-later"
  parent_id   = trove_backup.full.id
}

# A new server, restored from the backup.
resource "trove_instance" "restored" {
  name         = "orders-restored"
  flavor_id    = "2"
  volume       = { size = 20 }
  datastore    = { type = "mysql", version = "mysql-8.0" }
  restore_from = trove_backup.later.id
}
