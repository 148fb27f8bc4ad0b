// Package trove is the typed client of the Trove API: one file for each noun of the API, and one method for each request. Operations that
// take several requests are in package operation. It knows nothing of Terraform.
package trove
