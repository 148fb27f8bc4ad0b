package acctest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/configurations"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// BothServers are the options for a server with the topology API and for one like released Trove: what holds on both is
// tested on both.
func BothServers() map[string]func(*sandbox.Options) {
	return map[string]func(*sandbox.Options){"topology API": func(*sandbox.Options) {}, "released Trove": Upstream}
}

// ConfigurationGroup makes a configuration group for MySQL 5.7 and returns its id.
func (a *Account) ConfigurationGroup(t *testing.T, values map[string]any) string {
	t.Helper()
	db := a.database(t)
	group, err := configurations.Create(t.Context(), db, configurations.CreateOpts{
		Name: "settings", Values: values, Datastore: &configurations.DatastoreOpts{Type: "mysql", Version: "mysql-5.7"},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	return group.ID
}

// byName finds the only instance of that name.
func (a *Account) byName(t *testing.T, client *operation.Client, name string) string {
	t.Helper()
	all, err := client.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(i trove.Instance) bool { return i.Name != name })
	if len(all) != 1 {
		t.Fatalf("%d instances are called %s", len(all), name)
	}
	return all[0].ID
}

// PromoteBehindOurBack makes somebody else promote a replica.
func (a *Account) PromoteBehindOurBack(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		_, err := client.Promote(ctx, id, nil)
		return err
	})
}

// SwitchOverBehindOurBack makes somebody else let a replica become the source of its set.
func (a *Account) SwitchOverBehindOurBack(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		return client.Switchover(ctx, id)
	})
}

// EjectBehindOurBack makes somebody else take a source that is dead out of its set.
func (a *Account) EjectBehindOurBack(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		_, err := client.Eject(ctx, id)
		return err
	})
}

// AwaitSilence waits until the server has noticed that an instance sends no heartbeats any more.
func (a *Account) AwaitSilence(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		for ticker := time.NewTicker(250 * time.Millisecond); ; {
			i, err := client.Instance(ctx, id)
			if err != nil || i.HeartbeatLost() {
				ticker.Stop()
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
		}
	})
}

// Heartbeat lets an instance of a sandbox send heartbeats, or none, as when its server is dead.
func (c *Cloud) Heartbeat(t *testing.T, name string, beats bool) {
	t.Helper()
	c.somebodyElse(t, name, func(_ context.Context, _ *operation.Client, id string) error {
		return c.State().SetHeartbeat(identity.DemoProjectID, id, beats)
	})
}

// DeleteBehindOurBack makes somebody else delete an instance.
func (a *Account) DeleteBehindOurBack(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error { return client.Delete(ctx, id) })
}

// ResizeBehindOurBack makes somebody else move an instance to another flavor.
func (a *Account) ResizeBehindOurBack(t *testing.T, name, flavor string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		_, err := client.ResizeFlavor(ctx, id, flavor)
		return err
	})
}

// UpgradeBehindOurBack makes somebody else move an instance to another version of its datastore.
func (a *Account) UpgradeBehindOurBack(t *testing.T, name, version string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		_, err := client.Upgrade(ctx, id, version, nil)
		return err
	})
}

// RestartBehindOurBack makes somebody else restart an instance, which is busy with that for a while.
func (a *Account) RestartBehindOurBack(t *testing.T, name string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, _ *operation.Client, id string) error {
		return instances.Restart(ctx, a.database(t), id).ExtractErr()
	})
}

// ReplicateBehindOurBack makes somebody else create a replica.
func (a *Account) ReplicateBehindOurBack(t *testing.T, source, replica string) {
	t.Helper()
	a.somebodyElse(t, source, func(ctx context.Context, client *operation.Client, id string) error {
		created, err := client.Create(ctx, trove.CreateRequest{Name: replica, ReplicaOf: id})
		if err == nil {
			_, err = client.WaitReady(ctx, created.ID)
		}
		return err
	})
}

// Inject adds a fault.
func (c *Cloud) Inject(t *testing.T, rule faults.Rule) {
	t.Helper()
	if _, err := c.Faults().Add(rule); err != nil {
		t.Fatal(err)
	}
}

func (a *Account) somebodyElse(t *testing.T, name string, act func(context.Context, *operation.Client, string) error) {
	t.Helper()
	client, err := a.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := act(t.Context(), client, a.byName(t, client, name)); err != nil {
		t.Fatal(err)
	}
}

// Shown is what a test expects the server to show of an instance.
type Shown struct {
	Name, Flavor, Version string
	Volume                int64
	Public                bool
	CIDRs                 []string
}

// ExpectInstance compares what the server shows with what is expected.
func (a *Account) ExpectInstance(id string, want Shown) error {
	i, err := a.read(id)
	if err != nil {
		return err
	}
	got := Shown{Name: i.Name, Flavor: i.Flavor.ID, Version: i.Datastore.Version}
	if i.Volume != nil {
		got.Volume = i.Volume.Size
	}
	if i.Access != nil {
		got.Public = i.Access.IsPublic
		got.CIDRs = append(got.CIDRs, i.Access.AllowedCIDRs...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the server shows otherwise (-want +got):\n%s", diff)
	}
	return nil
}

// ExpectConfiguration checks which configuration group the server has attached to an instance; "" is none.
func (a *Account) ExpectConfiguration(id, want string) error {
	i, err := a.read(id)
	if err != nil {
		return err
	}
	got := ""
	if i.Configuration != nil {
		got = i.Configuration.ID
	}
	if got != want {
		return fmt.Errorf("the server has configuration group %q attached, want %q", got, want)
	}
	return nil
}

// ExpectStandalone checks that the server shows an instance as replicating from nothing.
func (a *Account) ExpectStandalone(id string) error {
	client, err := a.Client()
	if err != nil {
		return err
	}
	i, err := client.Instance(a.t.Context(), id)
	if err != nil {
		return err
	}
	sources, _, err := client.SourcesOf(a.t.Context(), i)
	if err != nil {
		return err
	}
	if len(sources) > 0 || !i.Ready() {
		return fmt.Errorf("instance %s is %s and replicates from %v", id, i.Status, sources)
	}
	return nil
}

// ExpectSource checks that the server shows an instance as the source of its replication set, of which all members are well.
func (a *Account) ExpectSource(id string) error {
	client, err := a.Client()
	if err != nil {
		return err
	}
	set, err := client.ReplicationSet(a.t.Context(), id)
	if err != nil {
		return err
	}
	for _, m := range set.Members {
		if !m.Ready() {
			return fmt.Errorf("member %s (%s) is %s", m.Name, m.ID, m.Status)
		}
	}
	if set.Source != id {
		return fmt.Errorf("the source is %q, want %q", set.Source, id)
	}
	return nil
}

func (a *Account) read(id string) (*trove.Instance, error) {
	client, err := a.Client()
	if err != nil {
		return nil, err
	}
	return client.Instance(a.t.Context(), id)
}

// ID is the id that the state holds for a resource; "" where it has none, which no check takes for an instance.
func ID(s *terraform.State, address string) string {
	// plugin-testing's own state has replica.0 where Terraform has replica[0].
	if r, ok := s.RootModule().Resources[strings.NewReplacer("[", ".", "]", "").Replace(address)]; ok {
		return r.Primary.ID
	}
	return ""
}

// Made counts the instances that were ever made, and those that are not gone.
func (c *Cloud) Made() (ever, alive int) {
	for _, r := range c.State().History() {
		ever++
		if r.Deleted.IsZero() {
			alive++
		}
	}
	return ever, alive
}

// NothingAlive returns an error that names the instances that are not gone.
func (c *Cloud) NothingAlive() error {
	for _, r := range c.State().History() {
		if r.Deleted.IsZero() {
			return fmt.Errorf("instance %s (%s) is still there, in status %s", r.Name, r.ID, r.Status)
		}
	}
	return nil
}

// ReconfigureBehindOurBack makes somebody else change a member's settings in its replica set.
func (a *Account) ReconfigureBehindOurBack(t *testing.T, name string, settings topology.MemberSettings) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		i, err := client.Instance(ctx, id)
		if err != nil {
			return err
		}
		_, err = client.Reconfigure(ctx, i.Topology.MongoDB.ReplSet, map[string]topology.MemberSettings{id: settings})
		return err
	})
}

// ActBehindOurBack makes somebody else submit a topology action about an instance, through it, and waits for it.
func (a *Account) ActBehindOurBack(t *testing.T, name string, action func(id string) topology.Action) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		if err := client.Act(ctx, id, action(id)); err != nil {
			return err
		}
		_, err := client.WaitReady(ctx, id)
		return err
	})
}

// BreakBehindOurBack brings an instance into status ERROR.
func (c *Cloud) BreakBehindOurBack(t *testing.T, name string) {
	t.Helper()
	c.Inject(t, faults.Rule{Do: faults.ActionError, Action: "restart", Instance: name, Message: "The disk is gone."})
	c.RestartBehindOurBack(t, name)
	c.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		var failed *watch.FailedError
		if _, err := client.WaitReady(ctx, id); !errors.As(err, &failed) {
			return fmt.Errorf("the instance did not break: %w", err)
		}
		return nil
	})
}

// CreateBehindOurBack makes somebody else create an instance, bootstrapping or joining as it must, and returns its id.
func (c *Cloud) CreateBehindOurBack(t *testing.T, r trove.CreateRequest) string {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if r.Topology != nil && r.Topology.MongoDB != nil {
		_, join := c.State().ReplicaSet(identity.DemoProjectID, r.Topology.MongoDB.ReplSet)
		placed := r.Topology.WithJoin(join)
		r.Topology = &placed
	}
	create := client.Create
	if r.Topology != nil && r.Topology.Undecided() {
		create = func(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
			created, ended, err := client.CreateOrJoin(ctx, r)
			if ended != nil {
				ended(true)
			}
			return created, err
		}
	}
	created, err := create(t.Context(), r)
	if err == nil {
		_, err = client.WaitReady(t.Context(), created.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return created.ID
}

// groupByName finds the only configuration group of that name.
func (a *Account) groupByName(t *testing.T, db *gophercloud.ServiceClient, name string) string {
	t.Helper()
	pages, err := configurations.List(db).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := configurations.ExtractConfigs(pages)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(g configurations.Config) bool { return g.Name != name })
	if len(all) != 1 {
		t.Fatalf("%d configuration groups are called %s", len(all), name)
	}
	return all[0].ID
}

// ChangeGroupBehindOurBack makes somebody else replace the values of a configuration group.
func (a *Account) ChangeGroupBehindOurBack(t *testing.T, name string, values map[string]any) {
	t.Helper()
	db := a.database(t)
	if err := configurations.Replace(t.Context(), db, a.groupByName(t, db, name), configurations.UpdateOpts{Values: values}).ExtractErr(); err != nil {
		t.Fatal(err)
	}
}

// DeleteGroupBehindOurBack makes somebody else delete a configuration group.
func (a *Account) DeleteGroupBehindOurBack(t *testing.T, name string) {
	t.Helper()
	db := a.database(t)
	if err := configurations.Delete(t.Context(), db, a.groupByName(t, db, name)).ExtractErr(); err != nil {
		t.Fatal(err)
	}
}

// ExpectGroup compares name and values that the server shows of a configuration group with what is expected, the values
// as text.
func (a *Account) ExpectGroup(id, name string, values map[string]any) error {
	client, err := a.Client()
	if err != nil {
		return err
	}
	group, err := client.Configuration(a.t.Context(), id)
	if err != nil {
		return err
	}
	got := map[string]any{}
	for parameter, value := range group.Values {
		got[parameter] = trove.Text(value)
	}
	if diff := cmp.Diff(values, got); diff != "" || group.Name != name {
		return fmt.Errorf("the server shows group %s otherwise (-want +got):\n%s", group.Name, diff)
	}
	return nil
}

// AttachBehindOurBack makes somebody else attach a configuration group to an instance; "" detaches the one it has.
func (a *Account) AttachBehindOurBack(t *testing.T, name, group string) {
	t.Helper()
	a.somebodyElse(t, name, func(ctx context.Context, client *operation.Client, id string) error {
		_, err := client.SetConfiguration(ctx, id, group, false)
		return err
	})
}

// CreateConfiguredBehindOurBack makes somebody else create a MySQL 5.7 instance with a configuration group.
func (a *Account) CreateConfiguredBehindOurBack(t *testing.T, name, group string) {
	t.Helper()
	client, err := a.Client()
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Create(t.Context(), trove.CreateRequest{
		Name: name, FlavorRef: "2", Volume: &trove.Volume{Size: 1}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"}, Configuration: group,
	})
	if err == nil {
		_, err = client.WaitReady(t.Context(), created.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ResetBehindOurBack makes an operator take an instance out of ERROR.
func (c *Cloud) ResetBehindOurBack(t *testing.T, name string) {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.State().ResetStatus(identity.DemoProjectID, c.byName(t, client, name)); err != nil {
		t.Fatal(err)
	}
}

// Topology is what the server shows of the topology that an instance belongs to.
func (c *Cloud) Topology(t *testing.T, id string) topology.View {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	view, err := client.Topology(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return view
}
