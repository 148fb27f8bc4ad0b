# terraform apply -var members=3: the last member leaves the set, and its instance lives on.
variable "members" {
  type    = number
  default = 4
}

resource "trove_mongodb_member" "products" {
  count = var.members

  name            = "products-${count.index + 1}"
  flavor_id       = "2"
  volume          = { size = 10 }
  replica_set     = "products"
  votes           = count.index < 3 ? 1 : 0
  priority        = count.index < 3 ? 1 : 0
  deletion_policy = count.index < 3 ? "delete" : "leave"
}
