# terraform apply -invoke=action.trove_promote_replica.orders
action "trove_promote_replica" "orders" {
  config {
    instance_id = trove_replica.reader[1].id
  }
}
