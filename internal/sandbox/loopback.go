package sandbox

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ErrRemote says that other machines would reach an address.
var ErrRemote = errors.New("this is not an address of the loopback interface, so other machines could reach the sandbox, whose passwords are public")

// isLoopback says whether host:port is reached from this machine alone.
func isLoopback(hostport string) bool {
	host := hostOf(hostport)
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostOf returns the host of host:port or of a host alone.
func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// crossSite refuses what a page of another site has its reader's browser send: such a page needs no more than that to
// use what takes no token.
type crossSite struct{ protection *http.CrossOriginProtection }

// refuses returns why a request is refused, and "" where it is not.
func (c crossSite) refuses(r *http.Request) string {
	// A name that its owner makes lead to this machine (DNS rebinding) makes the page same-site. An address cannot be
	// made to lead elsewhere, so the one that the connection came in at is as good as loopback.
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

// localAddress returns the address at which the connection came in, "" where there is none.
func localAddress(r *http.Request) string {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return hostOf(a.String())
	}
	return ""
}
