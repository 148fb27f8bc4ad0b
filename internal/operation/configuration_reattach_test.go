package operation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

const puts, patches = "PUT /instances/{id}", "PATCH /instances/{id}"

// kept makes an instance with a group that holds one parameter, on a Trove of that release.
func kept(t *testing.T, release int, parameter string) (c *cloud, client *operation.Client, id, group string) {
	t.Helper()
	c = newCloud(t, func(o *sandbox.Options) { o.Upstream, o.Release = true, release })
	client = c.client()
	g, err := settings(t, client, trove.Values{parameter: json.Number("200")})
	if err != nil {
		t.Fatal(err)
	}
	i := configured(t, client, "orders", g.ID)
	if _, err := client.WaitReady(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	return c, client, i.ID, g.ID
}

// expectGroup checks which group an instance has.
func expectGroup(t *testing.T, client *operation.Client, id, want string) *trove.Instance {
	t.Helper()
	i, err := client.Instance(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if i.ConfigurationID() != want {
		t.Errorf("the instance has the group %q, want %q", i.ConfigurationID(), want)
	}
	return i
}

func TestAGroupIsAttachedAgainWhereAChangeTookItOff(t *testing.T) {
	changes := map[string]func(context.Context, *operation.Client, string, *operation.Keep) error{
		"rename": func(ctx context.Context, c *operation.Client, id string, k *operation.Keep) error {
			return c.Rename(ctx, id, "orders-2", k)
		},
		"access": func(ctx context.Context, c *operation.Client, id string, k *operation.Keep) error {
			_, err := c.SetAccess(ctx, id, trove.Access{IsPublic: true}, k)
			return err
		},
	}
	for name, change := range changes {
		for release, want := range map[int]int{18: 0, 23: 1, 26: 0} {
			t.Run(fmt.Sprintf("%s on %d", name, release), func(t *testing.T) {
				c, client, id, group := kept(t, release, "max_connections")
				var told []string
				if err := change(t.Context(), client, id, &operation.Keep{Again: func(g string) { told = append(told, g) }}); err != nil {
					t.Fatal(err)
				}
				expectGroup(t, client, id, group)
				if len(told) != want || want == 1 && told[0] != group {
					t.Errorf("told of %v, want %d", told, want)
				}
				sent := want
				if name == "access" {
					sent++
				}
				c.expectCount(puts, sent)
			})
		}
	}
}

func TestAGroupIsLeftOffWhereItIsToGo(t *testing.T) {
	_, client, id, _ := kept(t, 23, "max_connections")
	if err := client.Rename(t.Context(), id, "orders-2", nil); err != nil {
		t.Fatal(err)
	}
	expectGroup(t, client, id, "")
}

func TestAGroupThatNeedsRestartsIsAttachedAgainWithThem(t *testing.T) {
	c, client, id, group := kept(t, 23, "innodb_open_files")
	if err := client.Rename(t.Context(), id, "orders-2", &operation.Keep{Restart: true}); err != nil {
		t.Fatal(err)
	}
	if i := expectGroup(t, client, id, group); !i.Ready() {
		t.Errorf("the instance is %s", i.Condition())
	}
	c.expectCount(restarts, 2) // before the group is attached, and after it
}

// Where another group is to follow, that one is attached as soon as the server has taken off the first: with settings that need a restart
// nothing else could be changed before.
func TestTheGroupThatIsToFollowIsAttachedWhereAChangeTookTheFirstOff(t *testing.T) {
	for release, dropped := range map[int]bool{18: false, 23: true, 26: false} {
		for _, follows := range []bool{true, false} {
			t.Run(fmt.Sprintf("on %d, follows: %t", release, follows), func(t *testing.T) {
				_, client, id, first := kept(t, release, "innodb_open_files")
				next := ""
				if follows {
					g, err := settings(t, client, trove.Values{"innodb_open_files": json.Number("300")})
					if err != nil {
						t.Fatal(err)
					}
					next = g.ID
				}
				keep := &operation.Keep{Restart: true, Instead: &next}
				if err := client.Rename(t.Context(), id, "orders-2", keep); err != nil {
					t.Fatal(err)
				}
				if _, err := client.SetAccess(t.Context(), id, trove.Access{IsPublic: true}, keep); err != nil {
					t.Fatal(err)
				}
				want := first
				if dropped {
					want = next
				}
				if i := expectGroup(t, client, id, want); !i.Ready() || i.Name != "orders-2" {
					t.Errorf("the instance is %s and called %s", i.Condition(), i.Name)
				}
				if _, err := client.SetConfiguration(t.Context(), id, next, true); err != nil {
					t.Fatal(err)
				}
				if i, err := client.RestartIfRequired(t.Context(), id); err != nil || !i.Ready() {
					t.Errorf("got %v, %v", i, err)
				}
				expectGroup(t, client, id, next)
			})
		}
	}
}

// A server may have taken the group off long before it is changed.
func TestAGroupIsAttachedToAnInstanceThatMustBeRestartedFirst(t *testing.T) {
	_, client, id, group := kept(t, 23, "innodb_open_files")
	if err := client.Rename(t.Context(), id, "orders-2", nil); err != nil {
		t.Fatal(err)
	}
	if i := expectGroup(t, client, id, ""); !i.RestartRequired() {
		t.Fatalf("the instance is %s: it shows nothing", i.Condition())
	}
	if _, err := client.SetConfiguration(t.Context(), id, group, false); !errors.As(err, new(*watch.RestartRequiredError)) {
		t.Errorf("got %v, want an error about a restart", err)
	}
	if _, err := client.SetConfiguration(t.Context(), id, group, true); err != nil {
		t.Fatal(err)
	}
	expectGroup(t, client, id, group)
}

func TestAGroupThatNeedsARestartWhichIsNotAllowedIsSaidToBeLost(t *testing.T) {
	_, client, id, group := kept(t, 23, "innodb_open_files")
	err := client.Rename(t.Context(), id, "orders-2", &operation.Keep{})
	var lost *operation.LostConfigurationError
	var restart *watch.RestartRequiredError
	if !errors.As(err, &lost) || lost.Group != group || !errors.As(err, &restart) {
		t.Errorf("got %v, want a lost group that waits for a restart", err)
	}
	if i := expectGroup(t, client, id, ""); i.Name != "orders-2" {
		t.Errorf("it is called %s", i.Name)
	}
}

func TestAGroupThatCannotBeAttachedAgainIsSaidToBeLost(t *testing.T) {
	c, client, id, group := kept(t, 23, "max_connections")
	c.inject(faults.Rule{Do: faults.Status, Status: 403, Kind: puts})
	err := client.Rename(t.Context(), id, "orders-2", &operation.Keep{})
	var lost *operation.LostConfigurationError
	if !errors.As(err, &lost) || lost.Group != group {
		t.Errorf("got %v, want a lost group", err)
	}
}

func TestAnInstanceThatIsBusyIsRenamedAllTheSame(t *testing.T) {
	c, client, id, group := kept(t, 23, "max_connections")
	if err := client.RequestRestart(t.Context(), id); err != nil { // its end is not waited for
		t.Fatal(err)
	}
	if err := client.Rename(t.Context(), id, "orders-2", &operation.Keep{}); err != nil {
		t.Fatal(err)
	}
	if i := expectGroup(t, client, id, group); i.Name != "orders-2" {
		t.Errorf("it is called %s", i.Name)
	}
	c.expectCount(patches, 1)
}

func TestAReplicaIsPromotedThatKeepsItsGroup(t *testing.T) {
	c, client, _, group := kept(t, 23, "max_connections")
	source := configured(t, client, "source", "")
	if _, err := client.WaitReady(t.Context(), source.ID); err != nil {
		t.Fatal(err)
	}
	r, err := client.Create(t.Context(), trove.CreateRequest{Name: "replica", ReplicaOf: source.ID, Configuration: group})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.WaitReady(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	i, err := client.Promote(t.Context(), r.ID, &operation.Keep{})
	if err != nil || i.ReplicaOf != nil {
		t.Errorf("got %v, %v", i, err)
	}
	expectGroup(t, client, r.ID, group)
	c.expectCount(patches, 1) // it was refused, and carried out
}

func TestReplicasKeepTheirGroupsWhenThatOfTheirSourceChanges(t *testing.T) {
	_, client, id, small := kept(t, 26, "max_connections")
	large, err := settings(t, client, trove.Values{"max_connections": json.Number("300")})
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]string{"none": "", "same": small, "another": large.ID}
	ids := map[string]string{}
	for name, group := range groups {
		r, err := client.Create(t.Context(), trove.CreateRequest{Name: name, ReplicaOf: id, Configuration: group})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.WaitReady(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		ids[name] = r.ID
	}
	if _, err := client.SetConfiguration(t.Context(), ids["none"], "", false); err != nil { // it was given its source's
		t.Fatal(err)
	}
	for _, group := range []string{large.ID, "", small} {
		if _, err := client.SetConfiguration(t.Context(), id, group, false); err != nil {
			t.Fatal(err)
		}
		expectGroup(t, client, id, group)
		for name, want := range groups {
			expectGroup(t, client, ids[name], want)
		}
	}
}

func TestAReplicaWhoseGroupCannotBeGivenBackIsNamed(t *testing.T) {
	c, client, id, _ := kept(t, 26, "max_connections")
	r, err := client.Create(t.Context(), trove.CreateRequest{Name: "same", ReplicaOf: id})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.WaitReady(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	c.inject(faults.Rule{Do: faults.Status, Status: 403, Kind: puts, After: 1})
	if _, err := client.SetConfiguration(t.Context(), id, "", false); !errors.Is(err, openstack.ErrForbidden) || !strings.Contains(err.Error(), r.ID) {
		t.Errorf("got %v, want a refusal about %s", err, r.ID)
	}
}
