// Command trove-sandbox runs a complete local Trove with the topology API, together with a Keystone. It simulates all database servers; the
// command of the module internal/engines runs real ones.
package main

import (
	"os"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/command"
)

func main() { os.Exit(command.Main(nil)) }
