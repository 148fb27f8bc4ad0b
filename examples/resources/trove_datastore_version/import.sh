terraform import trove_datastore_version.mysql 7b1d9f5e-2c54-4d0e-9a43-6f8f7a0f5c11
