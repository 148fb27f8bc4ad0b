// Package operation is what takes more than one request: to create once, to bootstrap or join, to remove a member, to reconfigure, to switch
// over, to restart, to delete and wait. Each operation is built on attempt. It knows nothing of Terraform.
package operation
