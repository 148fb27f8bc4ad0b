# The name of the set, or the instance id of any member.
terraform import trove_mongodb_replica_set.products products
