package sandbox

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ErrRemote says that an address can be reached from other machines.
var ErrRemote = errors.New("this is not an address of the loopback interface, so other machines could reach the sandbox, whose passwords are public")

// isLoopback reports whether host:port can be reached only from this machine.
func isLoopback(hostport string) bool {
	host := hostOf(hostport)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostOf returns the host of host:port or of a host without a port.
func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// crossSite refuses requests that a page of another site makes its reader's browser send: such a page could otherwise use everything that
// needs no token.
type crossSite struct{ protection *http.CrossOriginProtection }

// refuses returns why a request is refused, and "" if it is not.
func (c crossSite) refuses(r *http.Request) string {
	// A name whose owner resolves it to this machine (DNS rebinding) makes the page same-site. An address cannot be redirected, so the
	// local address of the connection is as safe as loopback.
	if !isLoopback(r.Host) && hostOf(r.Host) != localAddress(r) {
		return "the Host header must be an address of this sandbox, not " + r.Host
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return "a page of " + origin + " may not use this"
	}
	if err := c.protection.Check(r); err != nil {
		return err.Error()
	}
	return ""
}

// localAddress returns the local address of the connection, "" if there is none.
func localAddress(r *http.Request) string {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return hostOf(a.String())
	}
	return ""
}
