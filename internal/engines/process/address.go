package process

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// Addresses gives each server its own address in 127.0.0.0/8 on its datastore's standard port, which Linux allows without any setup. On
// systems that only have 127.0.0.1 it gives free ports of that address. It is safe for concurrent use.
type Addresses struct {
	mu    sync.Mutex
	taken map[netip.AddrPort]bool
}

// busOffset is the distance between the port of a Redis Cluster node and the port that it uses for the other nodes.
const busOffset = 10000

// Take finds a free address. Return it with Give.
func (a *Addresses) Take(port int) (netip.AddrPort, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.taken == nil {
		a.taken = map[netip.AddrPort]bool{}
	}
	var last error
	for range 50 {
		at, err := candidate(port)
		if err != nil {
			return at, err
		}
		if a.taken[at] {
			continue
		}
		if last = errors.Join(free(at), free(netip.AddrPortFrom(at.Addr(), at.Port()+busOffset))); last == nil {
			a.taken[at] = true
			return at, nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("no loopback address is free at port %d: %w", port, last)
}

// Give returns an address.
func (a *Addresses) Give(at netip.AddrPort) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.taken, at)
}

// Standard reports whether servers listen on the standard port, at addresses of their own.
func Standard() bool { return runtime.GOOS == "linux" }

// candidate returns a random address, so that two sandboxes seldom choose the same.
func candidate(port int) (netip.AddrPort, error) {
	if Standard() {
		//nolint:gosec // no secret, and all within a byte
		ip := netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(253)), byte(rand.IntN(255)), byte(1 + rand.IntN(253))})
		return netip.AddrPortFrom(ip, uint16(port)), nil //nolint:gosec // a port
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // nothing to wait for
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close() //nolint:errcheck // it is free again then
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err == nil && at.Port() > 65535-busOffset {
		return netip.AddrPortFrom(at.Addr(), at.Port()-busOffset), nil
	}
	return at, err
}

// free returns why nobody can listen at an address; nil if that is possible.
func free(at netip.AddrPort) error {
	l, err := net.Listen("tcp", at.String()) //nolint:noctx // nothing to wait for
	if err != nil {
		return err
	}
	return l.Close()
}

// Blocked returns why servers cannot listen at a port on any address; "" if they can. A server that listens on all addresses, as when
// containers publish ports, takes the port of every address.
func Blocked(port int) string {
	if !Standard() {
		return ""
	}
	err := free(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 255, 255, 1}), uint16(port))) //nolint:gosec // a port
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens on port " + strconv.Itoa(port) + " of all addresses"
	case err != nil:
		return err.Error()
	}
	return ""
}
