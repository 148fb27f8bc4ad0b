// Package operation performs what takes more than one request: create once, bootstrap or join, remove a member, reconfigure, switch over,
// restart, delete and wait. Each operation is built on attempt. It knows nothing of Terraform.
package operation
