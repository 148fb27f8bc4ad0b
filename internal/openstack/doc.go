// Package openstack talks to an OpenStack cloud over HTTP: it signs in, finds the database endpoint of a region in the catalog, sends
// requests with retries, and reads answers and refusals. It knows nothing of instances or Terraform.
package openstack
