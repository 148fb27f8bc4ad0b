terraform import 'trove_cassandra_node.products["products-a"]' 3fd4b2a6-5f0e-4d5c-9a3d-0c4f0f6c8f11
