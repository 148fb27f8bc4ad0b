// Package engines runs real database servers for the sandbox, if their programs are installed.
package engines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/engines/mariadb"
	"github.com/opentrove/terraform-provider-trove/internal/engines/postgresql"
	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/engines/redis"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// family runs the servers of one kind of database.
type family interface {
	engine.Engine
	// Version returns the program that serves; it has no meaning if none does.
	Version() engine.Version
}

// never says why a datastore without a family is simulated.
const never = "the sandbox has no program for it"

// datastores are the datastores that the sandbox offers.
var datastores = []string{"mysql", "mariadb", "postgresql", "redis", "mongodb", "cassandra", "couchbase"}

// Engines is an engine of several families. It is safe for concurrent use.
type Engines struct {
	host     *process.Host
	families []family
	by       map[string]family // by datastore
}

var _ engine.Engine = (*Engines)(nil)

// Open finds the installed programs, and makes the engine. served says for each datastore what serves it, or why it is simulated. It is an
// error if the choice requires a program that is not available.
func Open(ctx context.Context, choice engine.Choice, log *slog.Logger) (e engine.Engine, served []engine.Served, err error) {
	host, err := process.NewHost(log)
	if err != nil {
		return nil, nil, err
	}
	addresses := &process.Addresses{}
	all := &Engines{host: host, by: map[string]family{}}
	all.families = []family{redis.New(ctx, host, addresses), mariadb.New(ctx, host, addresses), postgresql.New(ctx, host, addresses)}
	for _, datastore := range datastores {
		mode := choice.Of(datastore)
		why := never
		for _, f := range all.families {
			serves, reason := f.Serves(datastore)
			if serves && mode != engine.Simulated {
				all.by[datastore] = f
			}
			if reason != "" {
				why = reason
			}
		}
		switch f := all.by[datastore]; {
		case f != nil:
			served = append(served, engine.Served{Datastore: datastore, Version: f.Version()})
		case mode == engine.Process:
			return nil, nil, errors.Join(fmt.Errorf("no real server for %s: %s", datastore, why), all.Close(ctx))
		case mode == engine.Simulated:
			served = append(served, engine.Served{Datastore: datastore, Why: ", as chosen"})
		default:
			served = append(served, engine.Served{Datastore: datastore, Why: ": " + why})
		}
	}
	return all, served, nil
}

// Serves implements engine.Engine.
func (e *Engines) Serves(datastore string) (serves bool, why string) {
	f := e.by[datastore]
	if f == nil {
		return false, never
	}
	return f.Serves(datastore)
}

// Realize implements engine.Engine.
func (e *Engines) Realize(ctx context.Context, wanted []engine.Server) map[string]error {
	by := map[string][]engine.Server{}
	for _, w := range wanted {
		by[w.Datastore] = append(by[w.Datastore], w)
	}
	errs := map[string]error{}
	for _, datastore := range slices.Sorted(maps.Keys(by)) {
		f := e.by[datastore]
		if f == nil {
			for _, w := range by[datastore] {
				errs[w.ID] = fmt.Errorf("nothing serves %s", datastore)
			}
			continue
		}
		maps.Copy(errs, f.Realize(ctx, by[datastore]))
	}
	return errs
}

// Remove implements engine.Engine.
func (e *Engines) Remove(ctx context.Context, id string) error {
	var errs []error
	for _, f := range e.families {
		errs = append(errs, f.Remove(ctx, id))
	}
	return errors.Join(errs...)
}

// Backup implements engine.Engine.
func (e *Engines) Backup(ctx context.Context, id, backup string) error {
	for _, f := range e.families {
		if _, runs := f.Observe(id); runs {
			return f.Backup(ctx, id, backup)
		}
	}
	return fmt.Errorf("no server runs as instance %s", id)
}

// RemoveBackup implements engine.Engine.
func (e *Engines) RemoveBackup(ctx context.Context, backup string) error {
	var errs []error
	for _, f := range e.families {
		errs = append(errs, f.RemoveBackup(ctx, backup))
	}
	return errors.Join(errs...)
}

// Observe implements engine.Engine.
func (e *Engines) Observe(id string) (engine.Observation, bool) {
	for _, f := range e.families {
		if o, runs := f.Observe(id); runs {
			return o, true
		}
	}
	return engine.Observation{}, false
}

// Close implements engine.Engine.
func (e *Engines) Close(ctx context.Context) error {
	var errs []error
	for _, f := range e.families {
		errs = append(errs, f.Close(ctx))
	}
	return errors.Join(append(errs, e.host.Close())...)
}
