// Package browser holds the tests of the sandbox's page in a real browser. It is in this module since they require a client of the browser, which
// the provider's go.mod need not name.
package browser
