// Package trove is the client of the Trove API: authentication and catalog, instances, the topology calls,
// instance actions and waiting. It stands on gophercloud and knows nothing of Terraform.
package trove
