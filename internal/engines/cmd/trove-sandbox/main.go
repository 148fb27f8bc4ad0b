// Command trove-sandbox runs a complete local Trove with the topology API, and the Keystone before it, with real database servers where their
// programs are installed.
package main

import (
	"os"

	"github.com/opentrove/terraform-provider-trove/internal/engines"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/command"
)

func main() { os.Exit(command.Main(engines.Open)) }
