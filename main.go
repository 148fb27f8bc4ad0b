// Command terraform-provider-trove serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/opentrove/terraform-provider-trove/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger to attach, and print how Terraform finds the provider then")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/opentrove/trove",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
