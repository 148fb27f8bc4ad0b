// Package engine is the interface between the sandbox's world, which decides what should exist, and real database servers. The world says
// what is wanted, not how to get there: an engine compares it with what runs, and orders the steps so that no write is lost. Runner calls
// an engine in the background, so that the world never waits.
package engine

import (
	"context"
	"slices"
)

// Server is the wanted state of one database server.
type Server struct {
	// ID is the server's permanent id; Name is what its owner calls it.
	ID, Name string
	// Datastore and Version are the ones that were asked for, such as redis and redis-7.2. The program that serves it may be another
	// version.
	Datastore, Version string
	// Sources are the ids of the servers that it replicates from; none for a standalone server or a source. ReadOnly says that it is a
	// replica that does not accept writes from users.
	Sources  []string
	ReadOnly bool
	// ServerID tells MySQL and MariaDB servers apart; 0 for others.
	ServerID uint32
	// Cluster is the Redis Cluster that it is a node of, "" for none; in a cluster, Sources is its master's id.
	Cluster string
	// ClusterTimeout is that cluster's node timeout in milliseconds.
	ClusterTimeout int64
	// Parameters are the values of its configuration group that are in force. Starts is how often it was started on purpose: parameters
	// that take effect only at a start come with a higher number.
	Parameters map[string]string
	Starts     int
	// Databases, Users and RootPassword are what its guest agent was told to make; RootPassword is "" if root is not enabled.
	Databases    []Database
	Users        []User
	RootPassword string
	// Backup is the id of the backup that it is restored from, "" for none.
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

// SourcesFirst sorts servers so that sources come before their replicas.
func SourcesFirst(wanted []Server) []Server {
	var order []Server
	left := slices.Clone(wanted)
	for len(left) > 0 {
		n := slices.IndexFunc(left, func(w Server) bool {
			return !slices.ContainsFunc(left, func(o Server) bool { return slices.Contains(w.Sources, o.ID) })
		})
		n = max(n, 0) // there are no cycles
		order, left = append(order, left[n]), slices.Delete(left, n, n+1)
	}
	return order
}

// Observation is what is known of a server that runs, or should run.
type Observation struct {
	// Program and Version are the program that serves it, such as redis-server and 7.0.15.
	Program, Version string
	// Address is where clients reach it, without the port if that is the datastore's standard port.
	Address string
	Port    int
	// Up says that it answers. Role is Source, Replica, or "" if it is neither, as the server itself reports; Link says whether a replica
	// is connected to its source, and Lag is how many bytes it is behind, as far as that is known.
	Up   bool
	Role string
	Link bool
	Lag  int64
	// PID is the server's process.
	PID int
}

// Engine runs database servers. Its methods may be called from several goroutines, but not for the same server at the same time.
type Engine interface {
	// Serves reports whether it runs servers of a datastore; if not, why says why.
	Serves(datastore string) (serves bool, why string)
	// Realize changes the servers to the wanted state. They must be all those that replicate with each other or are in one cluster. It is
	// idempotent. It returns when clients can connect to all servers and each replica follows its source, with the errors by id.
	Realize(ctx context.Context, wanted []Server) map[string]error
	// Remove ends a server, and removes its data.
	Remove(ctx context.Context, id string) error
	// Backup copies the contents of a server; the copy is kept until RemoveBackup.
	Backup(ctx context.Context, id, backup string) error
	RemoveBackup(ctx context.Context, backup string) error
	// Observe returns what is known of a server, false if there is none. It does not block.
	Observe(id string) (Observation, bool)
	// Close ends all servers.
	Close(ctx context.Context) error
}
