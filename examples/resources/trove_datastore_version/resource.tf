# As an administrator. The newest active image with both tags is used.
resource "trove_datastore_version" "mysql" {
  type       = "mysql"
  name       = "mysql-8.4"
  number     = "8.4.2"
  manager    = "mysql"
  image_tags = ["trove", "mysql"]
}

# The instance waits for the version.
resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 20 }
  datastore = { type = "mysql", version = trove_datastore_version.mysql.id }
}
