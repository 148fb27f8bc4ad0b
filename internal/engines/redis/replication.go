package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// replicate makes a server replicate from its source, or from none.
func (e *Engine) replicate(ctx context.Context, s *server, w engine.Server) error {
	info, err := replication(ctx, s.client)
	if err != nil {
		return err
	}
	if len(w.Sources) == 0 {
		if info["role"] != "slave" {
			return nil
		}
		if err := e.caughtUp(ctx, s); err != nil {
			return err
		}
		return s.client.ReplicaOf(ctx, "NO", "ONE").Err()
	}
	source, found := e.Find(w.Sources[0])
	if !found {
		return fmt.Errorf("its source %s does not run", w.Sources[0])
	}
	host, port := source.At.Addr().String(), strconv.Itoa(int(source.At.Port()))
	if info["role"] != "slave" || info["master_host"] != host || info["master_port"] != port {
		if err := s.client.ReplicaOf(ctx, host, port).Err(); err != nil {
			return err
		}
	}
	if !source.Alive() {
		return nil // it follows when its source is up again
	}
	return e.linked(ctx, s)
}

// linked waits until a replica has everything that its source had, and follows it.
func (e *Engine) linked(ctx context.Context, s *server) error {
	return s.Process().Until(ctx, "waiting for the replica to follow its source", func(ctx context.Context) error {
		info, err := replication(ctx, s.client)
		if err == nil && info["master_link_status"] != "up" {
			err = errors.New("the link to the source is " + info["master_link_status"])
		}
		return err
	})
}

// caughtUp waits until a replica that is to become a master has everything that was written to its source, as long as the source runs.
func (e *Engine) caughtUp(ctx context.Context, s *server) error {
	info, err := replication(ctx, s.client)
	if err != nil {
		return err
	}
	source := e.at(info["master_host"], info["master_port"])
	if source == nil || !source.Alive() || info["master_link_status"] != "up" {
		return nil
	}
	has, err := replication(ctx, source.client)
	if err != nil {
		return nil //nolint:nilerr // it has just ended
	}
	wanted := number(has["master_repl_offset"])
	return s.Process().Until(ctx, "waiting for the replica to catch up", func(ctx context.Context) error {
		info, err := replication(ctx, s.client)
		if err == nil && number(info["slave_repl_offset"]) < wanted && info["master_link_status"] == "up" {
			err = errors.New("it is at " + info["slave_repl_offset"])
		}
		return err
	})
}

// at returns the server at an address; nil if there is none.
func (e *Engine) at(host, port string) *server {
	for _, s := range e.All() {
		if s.At.Addr().String() == host && strconv.Itoa(int(s.At.Port())) == port {
			return s
		}
	}
	return nil
}

// replication returns what a server reports about replication, by field.
func replication(ctx context.Context, client *redis.Client) (map[string]string, error) {
	text, err := client.Info(ctx, "replication").Result()
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
			fields[name] = value
		}
	}
	return fields, nil
}

// lag returns how many bytes a replica has received and not processed.
func lag(info map[string]string) int64 {
	if info["role"] != "slave" {
		return 0
	}
	return max(number(info["slave_read_repl_offset"])-number(info["slave_repl_offset"]), 0)
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
