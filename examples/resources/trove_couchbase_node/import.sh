terraform import 'trove_couchbase_node.products["products-a"]' dfbbd9ca-b5e1-4028-adb7-f78643e17998
