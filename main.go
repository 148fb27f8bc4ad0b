// Command terraform-provider-trove serves the provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"log"

	"github.com/opentrove/terraform-provider-trove/internal/protocol"
	"github.com/opentrove/terraform-provider-trove/internal/provider"
)

// address is where the registry has the provider.
const address = "registry.terraform.io/opentrove/trove"

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger to attach, and print how Terraform finds the provider then")
	flag.Parse()
	if err := protocol.Serve(address, provider.New(version, provider.JournalDir()), *debug); err != nil {
		log.Fatal(err)
	}
}
