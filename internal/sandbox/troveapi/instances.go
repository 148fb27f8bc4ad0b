package troveapi

import (
	"cmp"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func (a *API) instanceRoutes() {
	a.on("GET /instances", a.listInstances(false))
	a.on("GET /instances/detail", a.listInstances(true))
	a.on("POST /instances", a.createInstance)
	a.on("GET /instances/{id}", a.showInstance)
	a.on("PUT /instances/{id}", a.update(http.MethodPut))
	a.on("PATCH /instances/{id}", a.update(http.MethodPatch))
	a.on("DELETE /instances/{id}", func(r *http.Request) (int, any, error) {
		return done(a.state.Delete(project(r), id(r), CallerFrom(r.Context()).UserName))
	})
	a.on("POST /instances/{id}/action", a.instanceAction)
	a.on("GET /instances/{id}/configuration", a.configurationTemplate)
}

type instanceBody struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	Status          string         `json:"status"`
	OperatingStatus string         `json:"operating_status"`
	Links           []link         `json:"links"`
	Flavor          reference      `json:"flavor"`
	Datastore       datastoreRef   `json:"datastore"`
	Region          string         `json:"region"`
	Access          accessBody     `json:"access"`
	Volume          map[string]any `json:"volume"`
	IP              []string       `json:"ip,omitempty"`
	Addresses       []addressBody  `json:"addresses,omitempty"`
	ReplicaOf       *reference     `json:"replica_of,omitempty"`
	Replicas        []reference    `json:"replicas,omitempty"`
	*timesBody
	Configuration *reference         `json:"configuration,omitempty"`
	Fault         *faultBody         `json:"fault,omitempty"`
	Locality      string             `json:"locality,omitempty"`
	Topology      *topology.Topology `json:"topology,omitempty"`
	Warnings      []string           `json:"warnings,omitempty"`
	Password      []any              `json:"password,omitempty"`
}

type timesBody struct {
	Created              string `json:"created"`
	Updated              string `json:"updated"`
	ServiceStatusUpdated string `json:"service_status_updated"`
}

type reference struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Links []link `json:"links"`
}

type datastoreRef struct {
	Type          string `json:"type"`
	Version       string `json:"version"`
	VersionNumber string `json:"version_number,omitempty"`
}

type addressBody struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	Network string `json:"network,omitempty"`
}

type accessBody struct {
	IsPublic     *bool     `json:"is_public,omitempty"`
	AllowedCIDRs *[]string `json:"allowed_cidrs,omitempty"`
}

type faultBody struct {
	Message string  `json:"message"`
	Created string  `json:"created"`
	Details *string `json:"details"`
}

// listed is an instance as GET /instances shows it.
func listed(r *http.Request, i state.Instance) instanceBody {
	refer := func(kind, id string) reference { return reference{ID: id, Links: links(r, kind+"/"+id)} }
	b := instanceBody{
		ID: i.ID, Name: i.Name, Status: i.Status, OperatingStatus: i.OperatingStatus,
		Links:     links(r, "instances/"+i.ID),
		Flavor:    refer("flavors", i.FlavorID),
		Datastore: datastoreRef{Type: i.Version.DatastoreName, Version: i.Version.Name},
		Region:    i.Region,
		Access:    accessBody{IsPublic: i.Access.IsPublic},
		Volume:    map[string]any{"size": i.VolumeSize},
	}
	if i.Access.AllowedCIDRs != nil {
		b.Access.AllowedCIDRs = &i.Access.AllowedCIDRs
	}
	for _, address := range i.Addresses {
		b.IP = append(b.IP, address.Address)
		b.Addresses = append(b.Addresses, addressBody(address))
	}
	if i.ReplicaOf != "" {
		source := refer("instances", i.ReplicaOf)
		b.ReplicaOf = &source
	}
	for _, id := range i.Replicas {
		b.Replicas = append(b.Replicas, refer("instances", id))
	}
	return b
}

// detailed is an instance as GET /instances/detail shows it.
func detailed(r *http.Request, i state.Instance) instanceBody {
	b := listed(r, i)
	b.Datastore.VersionNumber = i.Version.Number
	b.timesBody = &timesBody{timestamp(i.Created), timestamp(i.Updated), timestamp(i.Updated)}
	if i.ConfigurationID != "" {
		b.Configuration = &reference{i.ConfigurationID, i.ConfigurationName, links(r, "configurations/"+i.ConfigurationID)}
	}
	if i.Fault != nil {
		b.Fault = &faultBody{Message: i.Fault.Message, Created: timestamp(i.Fault.Created)}
	}
	return b
}

// full is an instance as GET /instances/{id} shows it.
func full(r *http.Request, i state.Instance) instanceBody {
	b := detailed(r, i)
	if i.VolumeShown {
		b.Volume["used"] = 0.16
	}
	b.Locality, b.Topology, b.Warnings = i.Locality, i.Topology, i.Warnings
	return b
}

func (a *API) listInstances(detail bool) handler {
	show := listed
	if detail {
		show = detailed
	}
	return func(r *http.Request) (int, any, error) {
		marker, limit, err := page(r)
		if err != nil {
			return 0, nil, err
		}
		instances, more := a.state.Instances(project(r), marker, limit)
		bodies := make([]instanceBody, len(instances))
		for n, i := range instances {
			bodies[n] = show(r, i)
		}
		return http.StatusOK, next(r, map[string]any{"instances": bodies}, more), nil
	}
}

func (a *API) showInstance(r *http.Request) (int, any, error) {
	i, err := a.state.Instance(project(r), id(r))
	return http.StatusOK, map[string]any{"instance": full(r, i)}, err
}

type createBody struct {
	Name      string `json:"name"`
	FlavorRef text   `json:"flavorRef"`
	Volume    *struct {
		Size *size  `json:"size"`
		Type string `json:"type"`
	} `json:"volume"`
	Datastore *struct {
		Type    string `json:"type"`
		Version string `json:"version"`
	} `json:"datastore"`
	AvailabilityZone string `json:"availability_zone"`
	Configuration    string `json:"configuration"`
	Nics             []struct {
		NetID     string `json:"net-id"`
		NetworkID string `json:"network_id"` // the same, under the name that the openstack command uses
		SubnetID  string `json:"subnet_id"`
		IPAddress string `json:"ip_address"`
	} `json:"nics"`
	Databases    []databaseBody `json:"databases"`
	Users        []userBody     `json:"users"`
	Access       *accessBody    `json:"access"`
	Locality     string         `json:"locality"`
	ReplicaOf    *string        `json:"replica_of"`
	ReplicaCount *int           `json:"replica_count"`
	RestorePoint *struct {
		BackupRef *string `json:"backupRef"`
	} `json:"restorePoint"`
}

// createFields are the fields that POST /instances accepts in addition to topology.
var createFields = []string{
	"name", "flavorRef", "volume", "datastore", "availability_zone", "configuration", "nics", "databases", "users", "access",
	"locality", "replica_of", "replica_count", "restorePoint",
}

func (a *API) createInstance(r *http.Request) (int, any, error) {
	// Released Trove ignores unknown fields, and so makes a standalone server if a topology is requested.
	upstream := a.state.Upstream()
	f, err := fields(r, "instance", upstream)
	if err != nil {
		return 0, nil, err
	}
	known := createFields
	var asked *topology.Topology
	if t, ok := f["topology"]; ok && !upstream {
		if asked, err = topology.Decode(t); err != nil {
			return 0, nil, invalid("%s", err)
		}
		delete(f, "topology")
	}
	if err := f.only("instance", upstream, known...); err != nil {
		return 0, nil, err
	}
	var b createBody
	if err := f.decode("instance", &b); err != nil {
		return 0, nil, err
	}
	if err := b.check(); err != nil {
		return 0, nil, err
	}
	request := b.request()
	request.Topology = asked
	i, err := a.state.Create(project(r), request)
	if err != nil {
		return 0, nil, err
	}
	shown := full(r, i)
	if request.ReplicaCount > 1 {
		shown.Password = make([]any, request.ReplicaCount)
	}
	return http.StatusOK, map[string]any{"instance": shown}, nil
}

var (
	namePattern = regexp.MustCompile(`[0-9a-zA-Z]`)
	uuidPattern = regexp.MustCompile(`^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$`)
	cidrPattern = regexp.MustCompile(`^([0-9]{1,3}\.){3}[0-9]{1,3}(\/([0-9]|[1-2][0-9]|3[0-2]))?$`)
)

// maxReplicas is the maximum number of replicas in one request.
const maxReplicas = 3

// check applies the rules for the form.
func (b createBody) check() error {
	if err := checkName(b.Name); err != nil {
		return err
	}
	switch {
	case b.Volume != nil && b.Volume.Size == nil:
		return invalid("Validation error: instance['volume'] 'size' is a required property")
	case len(b.Nics) > 1:
		return invalid("Validation error: instance['nics'] is too long")
	case b.ReplicaOf != nil && !uuidPattern.MatchString(*b.ReplicaOf):
		return invalid("Validation error: instance['replica_of'] '%s' does not match '%s'", *b.ReplicaOf, uuidPattern)
	case b.ReplicaCount != nil && *b.ReplicaCount > maxReplicas:
		return invalid("Validation error: instance['replica_count'] %d is greater than the maximum of %d", *b.ReplicaCount, maxReplicas)
	case b.ReplicaCount != nil && *b.ReplicaCount < 1:
		return invalid("Validation error: instance['replica_count'] %d is less than the minimum of 1", *b.ReplicaCount)
	}
	for _, n := range b.Nics {
		if n.IPAddress == "" {
			continue
		}
		if _, err := netip.ParseAddr(n.IPAddress); err != nil {
			return invalid("Validation error: instance['nics'][0]['ip_address'] '%s' is not an address", n.IPAddress)
		}
	}
	if b.RestorePoint != nil && b.RestorePoint.BackupRef == nil {
		return invalid("Validation error: instance['restorePoint'] 'backupRef' is a required property")
	}
	if b.RestorePoint != nil {
		if err := checkUUID("instance['restorePoint']['backupRef']", b.RestorePoint.BackupRef); err != nil {
			return err
		}
	}
	if err := checkUsers("instance['users']", b.Users); err != nil {
		return err
	}
	return b.Access.check()
}

func checkName(name string) error { return checkText("instance['name']", &name) }

func (b *accessBody) check() error {
	if b == nil || b.AllowedCIDRs == nil {
		return nil
	}
	for n, cidr := range *b.AllowedCIDRs {
		if !cidrPattern.MatchString(cidr) {
			return invalid("Validation error: instance['access']['allowed_cidrs'][%d] '%s' does not match '%s'", n, cidr, strings.ReplaceAll(cidrPattern.String(), `\`, `\\`))
		}
	}
	return nil
}

// access converts to the state's type; nil stays nil.
func (b *accessBody) access() *state.Access {
	if b == nil {
		return nil
	}
	access := &state.Access{IsPublic: b.IsPublic}
	if b.AllowedCIDRs != nil {
		access.AllowedCIDRs = append([]string{}, *b.AllowedCIDRs...)
	}
	return access
}

// request converts to the state's type, without the topology.
func (b createBody) request() state.CreateRequest {
	c := state.CreateRequest{
		Name: b.Name, FlavorID: string(b.FlavorRef), AvailabilityZone: b.AvailabilityZone, ConfigurationID: b.Configuration,
		Locality: b.Locality, Access: b.Access.access(), Databases: databasesOf(b.Databases), Users: usersOf(b.Users),
	}
	if b.Volume != nil {
		c.Volume = &state.Volume{Size: int64(*b.Volume.Size), Type: b.Volume.Type}
	}
	if b.Datastore != nil {
		c.Datastore = &state.DatastoreRef{Type: b.Datastore.Type, Version: b.Datastore.Version}
	}
	for _, n := range b.Nics {
		c.Networks = append(c.Networks, state.Network{ID: cmp.Or(n.NetID, n.NetworkID), SubnetID: n.SubnetID, IPAddress: n.IPAddress})
	}
	if b.ReplicaOf != nil {
		c.ReplicaOf = *b.ReplicaOf
	}
	if b.ReplicaCount != nil {
		c.ReplicaCount = *b.ReplicaCount
	}
	if b.RestorePoint != nil {
		c.BackupID = *b.RestorePoint.BackupRef
	}
	return c
}
