// Package trove is the typed client of the Trove API: a file for each noun of the API, and a method for each request. What takes more than
// one request is in package operation. It knows nothing of Terraform.
package trove
