package state

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
)

// Parameter is a parameter that configuration groups may set. Min and Max are nil if the type has no limits.
type Parameter struct {
	Name            string
	Type            string // integer, float, boolean or string
	Min, Max        *int64
	RestartRequired bool
}

func integer(name string, low, high int64) Parameter {
	return Parameter{Name: name, Type: "integer", Min: &low, Max: &high}
}

func other(name, kind string) Parameter { return Parameter{Name: name, Type: kind} }

func (p Parameter) atStart() Parameter {
	p.RestartRequired = true
	return p
}

const maxUint32 = math.MaxUint32

var mysqlParameters = []Parameter{
	integer("auto_increment_increment", 1, 65535),
	integer("auto_increment_offset", 1, 65535),
	integer("autocommit", 0, 1),
	other("character_set_server", "string"),
	other("collation_server", "string"),
	integer("connect_timeout", 2, 31536000),
	integer("expire_logs_days", 0, 99),
	integer("innodb_buffer_pool_size", 5242880, math.MaxInt64).atStart(),
	integer("innodb_file_per_table", 0, 1),
	integer("innodb_flush_log_at_trx_commit", 0, 2),
	integer("innodb_ft_max_token_size", 10, 84),
	integer("innodb_open_files", 10, maxUint32).atStart(),
	integer("interactive_timeout", 1, 31536000),
	integer("join_buffer_size", 128, math.MaxInt64),
	other("long_query_time", "float"),
	integer("max_allowed_packet", 1024, 1073741824),
	integer("max_connections", 1, 100000),
	other("performance_schema", "boolean").atStart(),
	integer("server_id", 0, maxUint32),
	integer("sort_buffer_size", 32768, math.MaxInt64),
	integer("sync_binlog", 0, maxUint32),
	integer("wait_timeout", 1, 31536000),
}

var parameters = map[string][]Parameter{
	"mysql":   mysqlParameters,
	"mariadb": mysqlParameters,
	"postgresql": {
		integer("autovacuum_max_workers", 1, 262143).atStart(),
		other("log_statement", "string"),
		integer("max_connections", 1, 262143).atStart(),
		integer("statement_timeout", 0, math.MaxInt32),
		integer("work_mem", 64, math.MaxInt32),
	},
	"mongodb": {
		integer("net.maxIncomingConnections", 1, 1000000).atStart(),
		other("operationProfiling.mode", "string"),
		integer("operationProfiling.slowOpThresholdMs", 0, math.MaxInt32),
		other("storage.directoryPerDB", "boolean").atStart(),
		integer("storage.syncPeriodSecs", 0, math.MaxInt32),
	},
	"cassandra": {
		integer("batch_size_warn_threshold_in_kb", 0, math.MaxInt32),
		integer("concurrent_reads", 2, math.MaxInt32).atStart(),
		integer("concurrent_writes", 2, math.MaxInt32).atStart(),
		other("partitioner", "string").atStart(),
	},
	"redis": {
		other("appendonly", "string"),
		integer("databases", 1, math.MaxInt32).atStart(),
		integer("maxclients", 1, 65000),
		other("maxmemory-policy", "string"),
		integer("timeout", 0, math.MaxInt32),
	},
}

// managedParameters are the parameters of versions that administrators have changed, by version id. Slices in it are replaced, never
// changed in place.
type managedParameters struct {
	mu   sync.Mutex
	byID map[string][]Parameter
}

// of returns the parameters of a version: its initial ones, until an administrator changes one. A version that an administrator has made
// starts with none.
func (m *managedParameters) of(v Version) []Parameter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known(v)
}

func (m *managedParameters) known(v Version) []Parameter {
	if list, changed := m.byID[v.ID]; changed {
		return list
	}
	if slices.Contains(datastoreOf(v).Versions, v) {
		return parameters[v.DatastoreName]
	}
	return nil
}

// change changes the parameters of a version with edit.
func (m *managedParameters) change(v Version, edit func([]Parameter) ([]Parameter, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	list, err := edit(slices.Clone(m.known(v)))
	if err != nil {
		return err
	}
	if m.byID == nil {
		m.byID = map[string][]Parameter{}
	}
	m.byID[v.ID] = list
	return nil
}

// AddParameter adds a parameter to a version; an existing one is a 400 *Error.
func (s *State) AddParameter(v Version, p Parameter) error {
	return s.managedParameters.change(v, func(list []Parameter) ([]Parameter, error) {
		if indexOf(list, p.Name) >= 0 {
			return nil, badRequest("%s parameter already exists for datastore version %s.", p.Name, v.ID)
		}
		return append(list, p), nil
	})
}

// ChangeParameter changes a parameter of a version; a missing one is a 404 *Error.
func (s *State) ChangeParameter(v Version, p Parameter) error {
	return s.managedParameters.change(v, func(list []Parameter) ([]Parameter, error) {
		n := indexOf(list, p.Name)
		if n < 0 {
			return nil, notFound("Resource %s cannot be found.", p.Name)
		}
		list[n] = p
		return list, nil
	})
}

// RemoveParameter removes a parameter from a version; a missing one is a 400 *Error.
func (s *State) RemoveParameter(v Version, name string) error {
	return s.managedParameters.change(v, func(list []Parameter) ([]Parameter, error) {
		n := indexOf(list, name)
		if n < 0 {
			return nil, badRequest("Parameter %s does not exist in the database.", name)
		}
		return slices.Delete(list, n, n+1), nil
	})
}

func indexOf(list []Parameter, name string) int {
	return slices.IndexFunc(list, func(p Parameter) bool { return p.Name == name })
}

// Parameters lists the parameters that configuration groups for a version may set, by name. If topologies control replication, server_id is
// not one of them.
func (s *State) Parameters(v Version) []Parameter {
	list := slices.Clone(s.managedParameters.of(v))
	if !s.opts.Upstream {
		list = slices.DeleteFunc(list, func(p Parameter) bool { return p.Name == "server_id" })
	}
	slices.SortFunc(list, func(a, b Parameter) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Parameter returns one parameter, or a 404 *Error.
func (s *State) Parameter(v Version, name string) (Parameter, error) {
	for _, p := range s.Parameters(v) {
		if p.Name == name {
			return p, nil
		}
	}
	return Parameter{}, notFound("%s was not found as a valid configuration parameter.", name)
}

// checkValue refuses a value as Trove does: with 422. It accepts true and false as integers, as Trove does.
func (p Parameter) checkValue(value any) error {
	ok := false
	switch v := value.(type) {
	case bool:
		ok = p.Type == "boolean" || p.Type == "integer"
	case string:
		ok = p.Type == "string"
	case json.Number:
		if p.Type == "float" {
			ok = strings.ContainsAny(v.String(), ".eE") // Trove's own check does not accept 1 as a float
			break
		}
		n, err := v.Int64()
		if ok = p.Type == "integer" && err == nil; ok {
			return p.checkBounds(n)
		}
	}
	if !ok {
		return unprocessable("The value provided for the configuration parameter %s is not of type %s.", p.Name, p.Type)
	}
	return nil
}

func (p Parameter) checkBounds(n int64) error {
	switch {
	case p.Min != nil && n < *p.Min:
		return unprocessable("The value for the configuration parameter %s is less than the minimum allowed: %d", p.Name, *p.Min)
	case p.Max != nil && n > *p.Max:
		return unprocessable("The value for the configuration parameter %s is greater than the maximum allowed: %d", p.Name, *p.Max)
	}
	return nil
}

// parameterFor finds a parameter for a configuration group, ignoring the case of its name.
func (s *State) parameterFor(v Version, name string) (Parameter, error) {
	for _, p := range s.Parameters(v) {
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
	}
	return Parameter{}, unprocessable("The configuration parameter %s is not supported for this datastore: %s %s.", name, v.DatastoreName, v.Name)
}

// ports are the ports that databases listen on.
var ports = map[string]int{
	"mysql": 3306, "mariadb": 3306, "postgresql": 5432, "mongodb": 27017, "cassandra": 9042, "couchbase": 8091, "redis": 6379,
}

// Template returns the configuration that a server of a version starts with, without any group.
func Template(v Version) map[string]any {
	return map[string]any{"port": ports[v.DatastoreName], "datadir": "/var/lib/" + v.DatastoreName + "/data"}
}
