# terraform apply -var nodes=2: the last node is rebalanced away, and then deleted.
variable "nodes" {
  type    = number
  default = 3
}

resource "trove_couchbase_node" "catalog" {
  count = var.nodes

  name         = "catalog-${count.index + 1}"
  flavor_id    = "2"
  volume       = { size = 10 }
  cluster_name = "catalog"
}
