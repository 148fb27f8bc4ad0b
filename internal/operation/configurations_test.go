package operation_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// settings makes a configuration group for MySQL 5.7 with these values.
func settings(t *testing.T, client *operation.Client, values trove.Values) (*trove.Configuration, error) {
	t.Helper()
	v, err := client.DatastoreVersion(t.Context(), "mysql", "mysql-5.7")
	if err != nil {
		t.Fatal(err)
	}
	return client.CreateConfiguration(t.Context(), v, trove.ConfigurationRequest{Name: "settings", Values: values})
}

// configured creates an instance with a group and does not wait for it.
func configured(t *testing.T, client *operation.Client, name, group string) *trove.Instance {
	t.Helper()
	i, err := client.Create(t.Context(), trove.CreateRequest{
		Name: name, FlavorRef: "2", Volume: &trove.Volume{Size: 1}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"}, Configuration: group,
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestChangeOfAGroupWaitsForInstancesThatAreBeingBuilt(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	group, err := settings(t, client, trove.Values{"max_connections": json.Number("200")})
	if err != nil {
		t.Fatal(err)
	}
	i := configured(t, client, "orders", group.ID)
	attached, err := client.ChangeConfiguration(t.Context(), group.ID, trove.ConfigurationRequest{
		Name: "settings", Values: trove.Values{"innodb_open_files": json.Number("400")},
	})
	if err != nil || len(attached) != 1 || attached[0].ID != i.ID || !attached[0].RestartRequired() {
		t.Errorf("got %v, %v, want %s waiting for a restart", attached, err, i.ID)
	}
	if n := c.Ledger().Count("PUT /configurations/{id}"); n != 1 {
		t.Errorf("the change was sent %d times", n)
	}
	shown, err := client.Configuration(t.Context(), group.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trove.Values{"innodb_open_files": json.Number("400")}, shown.Values); diff != "" {
		t.Error(diff)
	}
}

func TestGroupIsDeletedOnceItsInstancesAreGone(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	group, err := settings(t, client, trove.Values{})
	if err != nil {
		t.Fatal(err)
	}
	i := configured(t, client, "orders", group.ID)
	if i, err = client.WaitReady(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	var attached *operation.AttachedError
	if err := client.RemoveConfiguration(t.Context(), group.ID); !errors.As(err, &attached) || !errors.Is(err, openstack.ErrBadRequest) {
		t.Fatalf("got %v, want an *AttachedError", err)
	}
	if diff := cmp.Diff([]trove.Reference{{ID: i.ID, Name: "orders"}}, attached.Instances); diff != "" {
		t.Error(diff)
	}
	gone := make(chan error, 1)
	go func() { gone <- client.RemoveConfiguration(t.Context(), group.ID) }()
	if err := client.Delete(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	if err := <-gone; err != nil {
		t.Error(err)
	}
	if err := client.RemoveConfiguration(t.Context(), group.ID); err != nil {
		t.Errorf("a group that is gone is no error, but: %v", err)
	}
}

func TestLostCreationOfAGroup(t *testing.T) {
	t.Parallel()
	const creations = "POST /configurations"
	values := trove.Values{"max_connections": json.Number("200"), "autocommit": true, "innodb_ft_max_token_size": json.Number("80")}
	tests := map[string]struct {
		rule  faults.Rule
		posts int
	}{
		"made": {faults.Rule{Do: faults.LoseAnswer, Kind: creations}, 1},
		"none": {faults.Rule{Do: faults.Status, Status: 500, Kind: creations}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.inject(tt.rule)
			group, err := settings(t, c.client(), values)
			if err != nil || group.ID == "" {
				t.Fatalf("got %v, %v", group, err)
			}
			if n := c.Ledger().Count(creations); n != tt.posts {
				t.Errorf("the creation was sent %d times, want %d", n, tt.posts)
			}
		})
	}
	t.Run("two that fit", func(t *testing.T) {
		c := newCloud(t)
		if _, err := settings(t, c.client(), values); err != nil { // somebody else's, at the same time
			t.Fatal(err)
		}
		c.inject(faults.Rule{Do: faults.LoseAnswer, Kind: creations})
		var ambiguous *operation.AmbiguousCreateError
		if _, err := settings(t, c.client(), values); !errors.As(err, &ambiguous) || len(ambiguous.IDs) != 2 {
			t.Errorf("got %v, want an *AmbiguousError with two ids", err)
		}
	})
	t.Run("canceled before it is sent", func(t *testing.T) {
		c := newCloud(t)
		client := c.client()
		v, err := client.DatastoreVersion(t.Context(), "mysql", "")
		if err != nil || !v.Default {
			t.Fatalf("got %v, %v, want the default", v, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
		defer cancel()
		<-ctx.Done()
		if _, err := client.CreateConfiguration(ctx, v, trove.ConfigurationRequest{Name: "x"}); err == nil {
			t.Error("it was created")
		}
		if n := c.Ledger().Count(creations); n != 0 {
			t.Errorf("the creation was sent %d times", n)
		}
	})
}
