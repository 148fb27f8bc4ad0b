# The instance id of any node of the cluster, and the name of the bucket.
terraform import trove_couchbase_bucket.orders dfbbd9ca-b5e1-4028-adb7-f78643e17998/orders
