// Package engine is the seam between the sandbox's world, which decides what there is to be, and database servers that really run. The
// world tells what is wanted, and not how to come there: an engine compares it with what runs, and orders the steps so that no write is
// lost. Runner calls an engine for a world that never waits.
package engine

import (
	"context"
	"slices"
)

// Server is one database server as it is wanted.
type Server struct {
	// ID names the server for ever; Name is what its owner calls it.
	ID, Name string
	// Datastore and Version are what it was asked for, such as redis and redis-7.2. What serves it may be another version.
	Datastore, Version string
	// Sources are the ids that it replicates from; none for one that stands alone or is a source. ReadOnly is for a replica that takes no
	// writes of users.
	Sources  []string
	ReadOnly bool
	// ServerID tells MySQL and MariaDB servers apart; 0 for others.
	ServerID uint32
	// Cluster is the Redis Cluster that it is a node of, "" for none; there, Sources is its master's id.
	Cluster string
	// ClusterTimeout is that cluster's node time-out in milliseconds.
	ClusterTimeout int64
	// Parameters are the values of its configuration group that are in force. Starts is how often it was started on purpose: what takes
	// effect only at a start comes with a higher number.
	Parameters map[string]string
	Starts     int
	// Databases, Users and RootPassword are what its guest agent was told to make; RootPassword is "" where root is not enabled.
	Databases    []Database
	Users        []User
	RootPassword string
	// Backup is the id of the backup whose contents it begins with, "" for none.
	Backup string
}

// Database is a database within a server. CharacterSet and Collate are "" for the server's own.
type Database struct {
	Name, CharacterSet, Collate string
}

// User is a user within a server. Host is "%" for any; Databases are those that it may use.
type User struct {
	Name, Password, Host string
	Databases            []string
}

// Roles of a server that replicates.
const (
	Source  = "source"
	Replica = "replica"
)

// SourcesFirst puts what others replicate from before those.
func SourcesFirst(wanted []Server) []Server {
	var order []Server
	left := slices.Clone(wanted)
	for len(left) > 0 {
		n := slices.IndexFunc(left, func(w Server) bool {
			return !slices.ContainsFunc(left, func(o Server) bool { return slices.Contains(w.Sources, o.ID) })
		})
		n = max(n, 0) // a circle cannot be
		order, left = append(order, left[n]), slices.Delete(left, n, n+1)
	}
	return order
}

// Observation is what is known of a server that runs, or should.
type Observation struct {
	// Program and Version are what really serves it, such as redis-server and 7.0.15.
	Program, Version string
	// Address is where clients reach it, without the port where that is the datastore's own.
	Address string
	Port    int
	// Up says that it answers. Role is Source, Replica, or "" where it is neither, as the server itself says; Link whether a replica is
	// connected to its source, and Lag how many bytes it is behind as far as that is known.
	Up   bool
	Role string
	Link bool
	Lag  int64
	// PID is the server's process.
	PID int
}

// Engine runs database servers. Its methods may be called from several goroutines, but no two calls are about the same server at a time.
type Engine interface {
	// Serves says whether it runs servers of a datastore; why says what stands in the way where it does not.
	Serves(datastore string) (serves bool, why string)
	// Realize makes the servers what is wanted of them: they are all that replicate with each other or are in one cluster. It is idempotent. It
	// returns when clients can connect to all and each replica follows its source, with the errors by id.
	Realize(ctx context.Context, wanted []Server) map[string]error
	// Remove ends a server, and removes its data.
	Remove(ctx context.Context, id string) error
	// Backup copies the contents of a server; they stay until RemoveBackup.
	Backup(ctx context.Context, id, backup string) error
	RemoveBackup(ctx context.Context, backup string) error
	// Observe tells what is known of a server, false where there is none. It does not block.
	Observe(id string) (Observation, bool)
	// Close ends all servers.
	Close(ctx context.Context) error
}
