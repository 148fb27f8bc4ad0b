# PostgreSQL: a source with a replica, which every Trove supports. Its root is who signs in.

resource "trove_instance" "ledger" {
  name      = "ledger"
  flavor_id = local.node.flavor_id
  volume    = local.node.volume
  datastore = { type = "postgresql", version = "postgresql-16" }
}

resource "trove_replica" "ledger" {
  name       = "ledger-standby"
  replica_of = trove_instance.ledger.id
}

resource "trove_root" "ledger" {
  instance_id         = trove_instance.ledger.id
  password_wo         = "demo-password"
  password_wo_version = 1
}
