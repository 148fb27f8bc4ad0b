package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// mostTime limits each call of an engine.
const mostTime = 2 * time.Minute

// Ticket is a piece of work that was asked for.
type Ticket interface {
	// Done reports whether the work has ended, and with which error.
	Done() (done bool, err error)
}

// Runner calls an engine in the background: each call waits for earlier calls about any of the same servers. It is safe for concurrent use.
type Runner struct {
	engine Engine
	log    *slog.Logger
	ctx    context.Context //nolint:containedctx // of all calls: it ends with Close
	cancel context.CancelFunc
	calls  sync.WaitGroup

	mu   sync.Mutex
	last map[string]*call // by id: the latest one about it
}

// call is one call of the engine.
type call struct {
	done chan struct{}
	err  error
}

// Done implements Ticket.
func (c *call) Done() (bool, error) {
	select {
	case <-c.done:
		return true, c.err
	default:
		return false, nil
	}
}

// NewRunner makes a Runner. It logs failures.
func NewRunner(e Engine, log *slog.Logger) *Runner {
	r := &Runner{engine: e, log: log, last: map[string]*call{}}
	r.ctx, r.cancel = context.WithCancel(context.Background()) //nolint:forbidigo // of no request: it ends with Close
	return r
}

// Serves reports whether servers of a datastore are run.
func (r *Runner) Serves(datastore string) bool {
	serves, _ := r.engine.Serves(datastore)
	return serves
}

// Realize asks for the wanted state of servers. The ticket's error names the first server in about that failed.
func (r *Runner) Realize(wanted []Server, about []string) Ticket {
	ids := make([]string, len(wanted))
	for n, s := range wanted {
		ids[n] = s.ID
	}
	return r.after("realize", ids, func(ctx context.Context) error {
		errs := r.engine.Realize(ctx, wanted)
		for id, err := range errs {
			r.log.WarnContext(ctx, "a database server is not as it should be", "instance", id, "reason", err)
		}
		for _, id := range about {
			if err := errs[id]; err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove asks for the removal of a server.
func (r *Runner) Remove(id string) Ticket {
	return r.after("remove", []string{id}, func(ctx context.Context) error { return r.engine.Remove(ctx, id) })
}

// Backup asks for a copy of the contents of a server.
func (r *Runner) Backup(id, backup string) Ticket {
	return r.after("back up", []string{id, backup}, func(ctx context.Context) error { return r.engine.Backup(ctx, id, backup) })
}

// RemoveBackup asks for the removal of such a copy.
func (r *Runner) RemoveBackup(backup string) Ticket {
	return r.after("remove the backup", []string{backup}, func(ctx context.Context) error { return r.engine.RemoveBackup(ctx, backup) })
}

// Observe returns what is known of a server.
func (r *Runner) Observe(id string) (Observation, bool) { return r.engine.Observe(id) }

// Close cancels the calls that are running, and ends all servers.
func (r *Runner) Close(ctx context.Context) error {
	r.cancel()
	r.calls.Wait()
	return r.engine.Close(ctx)
}

// after calls the engine when all earlier calls about any of the same ids have ended.
func (r *Runner) after(what string, ids []string, do func(context.Context) error) Ticket {
	c := &call{done: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	var before []*call
	for _, id := range ids {
		if b := r.last[id]; b != nil {
			before = append(before, b)
		}
		r.last[id] = c
	}
	r.calls.Go(func() {
		defer close(c.done)
		for _, b := range before {
			<-b.done
		}
		c.err = r.call(what, ids, do)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, id := range ids {
			if r.last[id] == c {
				delete(r.last, id)
			}
		}
	})
	return c
}

// call turns a panic of an engine into an error: a database must not end the sandbox.
func (r *Runner) call(what string, ids []string, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("defect of the engine: %v", p)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			r.log.Warn("unable to "+what, "instances", ids, "reason", err)
		}
	}()
	ctx, cancel := context.WithTimeout(r.ctx, mostTime)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	return do(ctx)
}
