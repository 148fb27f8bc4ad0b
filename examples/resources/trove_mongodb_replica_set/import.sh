# The instance id of any member of the set.
terraform import trove_mongodb_replica_set.products dfbbd9ca-b5e1-4028-adb7-f78643e17998
