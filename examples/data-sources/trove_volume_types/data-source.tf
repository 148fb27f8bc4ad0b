data "trove_volume_types" "mysql" {
  datastore_type    = "mysql"
  datastore_version = "mysql-5.7"
}

resource "trove_instance" "reports" {
  name      = "reports"
  flavor_id = "2"
  volume    = { size = 20, type = contains(data.trove_volume_types.mysql.names, "ssd") ? "ssd" : null }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
