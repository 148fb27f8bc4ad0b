// Command trove-sandbox runs a complete local Trove with the topology API, together with a Keystone, and real database servers if their
// programs are installed.
package main

import (
	"os"

	"github.com/opentrove/terraform-provider-trove/internal/engines"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/command"
)

func main() { os.Exit(command.Main(engines.Open)) }
