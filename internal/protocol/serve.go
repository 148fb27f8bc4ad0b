// Package protocol serves the provider over Terraform's plugin protocol.
package protocol

import (
	"errors"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Serve serves the provider at its registry address until Terraform stops it or has gone. In debug mode, it waits for a debugger to attach, and
// prints how Terraform finds the provider.
func Serve(address string, newProvider func() provider.Provider, debugged bool) error {
	if err := quiet(os.Environ(), os.Setenv); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	var options []tf6server.ServeOpt
	if debugged {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		go func() {
			awaitParentGone(os.Getppid)
			os.Exit(1)
		}()
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return New(newProvider()) }, options...)
}

// New returns the server of a provider.
func New(p provider.Provider) tfprotov6.ProviderServer {
	served, ok := providerserver.NewProtocol6(p)().(server)
	if !ok {
		panic("the framework's server lacks actions or lists") // it is compiled in
	}
	return &releasing{server: served}
}

// garbage is the garbage collection target in percent of the live heap. That is small, about 10 MB, so with Go's own 100 the collector
// would run constantly, taking a fifth of the processor time to save 15 MB.
const garbage = 300

// quiet turns logging off unless it is requested: Terraform would discard the logs, and writing them takes a third of the time of a
// refresh. Any variable TF_LOG or TF_LOG_... leaves it on.
func quiet(environ []string, set func(key, value string) error) error {
	for _, variable := range environ {
		if name, value, _ := strings.Cut(variable, "="); value != "" && (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) {
			return nil
		}
	}
	return errors.Join(set("TF_LOG_SDK", "off"), set("TF_LOG_PROVIDER_TROVE", "off"))
}

// server is the interface of the framework's server that the provider uses.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}
