// Package browser holds the tests of the sandbox's page in a real browser. It is in this module since the tests require a browser client,
// which the provider's go.mod should not need.
package browser
