package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

// deed is how the examples of an action are tried, and what is to come of both: of the action and of the way without it.
type deed struct {
	before func(t *testing.T, cloud *acctest.Cloud) // what makes it necessary
	// edit is the change of the configuration that triggers the action, by its old and its new text. Where there is none, the
	// action is invoked.
	edit []string
	told []string // what the action tells on the way
	left string   // what is to plan afterwards; nothing where it is ""

	// without is the change of the configuration that takes the way without the action, after which it is applied with
	// flags, and applied again. Where there is neither, it is taken from the first.
	without []string
	flags   func() []string // asked at each run, since one of them is the date
	again   bool

	check func(t *testing.T, cloud *acctest.Cloud, client *operation.Client, ids map[string]string)
}

var deeds = map[string]deed{
	"trove_cassandra_drain_node": {
		told: []string{"Draining events-1 (", "is flushed, and accepts no writes until it is restarted."},
		check: func(t *testing.T, cloud *acctest.Cloud, _ *operation.Client, ids map[string]string) {
			for n, want := range []bool{true, false} {
				if have := cloud.State().Drained(identity.DemoProjectID, ids[fmt.Sprintf("trove_cassandra_node.events[%d]", n)]); have != want {
					t.Errorf("node %d is drained: %v, want %v", n, have, want)
				}
			}
		},
	},
	"trove_couchbase_rebalance": {
		told:  []string{"Moving the data of catalog-3 (", "was removed from catalog, and is standalone."},
		left:  "Plan: 1 to add, 0 to change, 1 to destroy.",
		flags: func() []string { return []string{"-var=nodes=2"} },
		check: func(t *testing.T, cloud *acctest.Cloud, _ *operation.Client, ids map[string]string) {
			if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/topology/action couchbase.rebalance": 1}); err != nil {
				t.Error(err)
			}
			if view := cloud.Topology(t, ids["trove_couchbase_node.catalog[0]"]); len(view.Members) != 2 {
				t.Errorf("the cluster has %v, want two nodes", view.Members)
			}
		},
	},
	"trove_redis_cluster_failover": {
		told: []string{"carts-1-replica (", "takes over from its master carts-1 (", "is a master, and carts-1 ("},
		check: func(t *testing.T, cloud *acctest.Cloud, _ *operation.Client, ids map[string]string) {
			master, replica := ids["trove_redis_cluster_node.master[0]"], ids["trove_redis_cluster_node.replica[0]"]
			m, _ := cloud.Topology(t, master).Find(master)
			if m.RedisCluster == nil || m.RedisCluster.SlaveOf == nil || *m.RedisCluster.SlaveOf != replica {
				t.Errorf("the old master is %+v, want a replica of %s", m.RedisCluster, replica)
			}
		},
	},
	"trove_promote_replica": {
		told: []string{"Promoting orders-standby-2 (", "is the source, and 2 others replicate from it."},
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			sourceIs(t, client, ids["trove_instance.orders"], ids["trove_replica.standby[1]"], 3)
		},
	},
	"trove_detach_replica": {
		told:  []string{"Detaching orders-reports (", "is standalone and writable."},
		left:  "Plan: 1 to add, 0 to change, 1 to destroy.",
		flags: func() []string { return []string{"-var=detached=true"} },
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			for _, address := range []string{"trove_instance.orders", "trove_replica.reports"} {
				sourceIs(t, client, ids[address], "", 1)
			}
		},
	},
	"trove_remove_member": {
		told:  []string{"Removing products-4 (", "was removed from mongodb/products, and is standalone."},
		left:  "Plan: 1 to add",
		flags: func() []string { return []string{"-var=members=3"} },
		check: func(t *testing.T, cloud *acctest.Cloud, client *operation.Client, ids map[string]string) {
			if view := cloud.Topology(t, ids["trove_mongodb_member.products[0]"]); len(view.Members) != 3 {
				t.Errorf("the set has %v, want three members", view.Members)
			}
			id := ids["trove_mongodb_member.products[3]"]
			if i, err := client.Instance(t.Context(), id); err != nil || i.Status != "ACTIVE" {
				t.Errorf("the instance is %+v (%v), want it ACTIVE", i, err)
			}
			if err := client.DeleteInstance(t.Context(), id); err != nil {
				t.Error(err)
			}
		},
	},
	"trove_eject_source": {
		before:  func(t *testing.T, cloud *acctest.Cloud) { cloud.Heartbeat(t, "orders", false) },
		told:    []string{"Ejecting orders (", "is the source now, and orders (", "is standalone."},
		without: []string{"source_id         = trove_instance.orders.id", "source_id         = trove_replica.standby[0].id"},
		flags:   func() []string { return []string{"-var=eject_dead_source=" + time.Now().UTC().Format(time.DateOnly)} },
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			sourceIs(t, client, ids["trove_instance.orders"], "", 1)
			set, err := client.ReplicationSet(t.Context(), ids["trove_replica.standby[1]"])
			if err != nil {
				t.Fatal(err)
			}
			if set.Source == "" {
				t.Error("none of those that stay is the source")
			}
			sourceIs(t, client, ids["trove_replica.standby[0]"], set.Source, 2)
		},
	},
	"trove_instance_log": {
		told: []string{"The log slow_query of orders (", "is in status Published.", "1234 bytes are published in container database_logs"},
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			all, err := client.LogsOf(t.Context(), ids["trove_instance.orders"])
			if err != nil || len(all) != 2 || all[1].Status != "Published" || all[0].Status != "Disabled" {
				t.Errorf("%+v, %v", all, err)
			}
		},
	},
	"trove_rollback_instance_ssl": {
		told: []string{"The SSL of orders (", "was rolled back: it is in mode builtin.", "Restart orders ("},
		left: "Plan: 1 to add",
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			if now, err := client.SSLOf(t.Context(), ids["trove_instance.orders"]); err != nil || now.Enabled() {
				t.Errorf("%+v, %v", now, err)
			}
		},
	},
	"trove_reset_status": {
		told: []string{"Resetting the status of orders (", "was reset, and is ACTIVE."},
		check: func(t *testing.T, cloud *acctest.Cloud, _ *operation.Client, _ map[string]string) {
			if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/action reset_status": 1}); err != nil {
				t.Error(err)
			}
		},
	},
	"trove_reboot_instance": {
		told: []string{"Rebooting orders (", "was rebooted, and is ACTIVE."},
		check: func(t *testing.T, cloud *acctest.Cloud, _ *operation.Client, _ map[string]string) {
			if err := cloud.ExpectRequests(map[string]int{"POST /mgmt/instances/{id}/action reboot": 1}); err != nil {
				t.Error(err)
			}
		},
	},
	"trove_migrate_instance": {
		told: []string{"Migrating orders (", "was migrated from host compute-1 to host compute-2."},
		check: func(t *testing.T, _ *acctest.Cloud, client *operation.Client, ids map[string]string) {
			if host, err := client.HostOf(t.Context(), ids["trove_instance.orders"]); err != nil || host != "compute-2" {
				t.Errorf("it is on host %q, %v", host, err)
			}
		},
	},
	"trove_restart_instance": {
		edit:    []string{"268435456", "536870912"},
		told:    []string{"Restarting orders (", "which is in status RESTART_REQUIRED.", "was restarted, and is in status ACTIVE."},
		without: []string{"268435456", "536870912"},
		again:   true,
		check: func(t *testing.T, cloud *acctest.Cloud, client *operation.Client, ids map[string]string) {
			if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
				t.Error(err)
			}
			if i, err := client.Instance(t.Context(), ids["trove_instance.orders"]); err != nil || i.Status != "ACTIVE" {
				t.Errorf("the instance is %+v (%v), want it ACTIVE", i, err)
			}
		},
	},
}

// sourceIs fails the test where the set of an instance has another source, or not as many members. One that stands alone has
// the source "".
func sourceIs(t *testing.T, client *operation.Client, member, source string, members int) {
	t.Helper()
	set, err := client.ReplicationSet(t.Context(), member)
	if err != nil {
		t.Fatal(err)
	}
	if set.Source != source || len(set.Members) != members {
		t.Errorf("the source of %d members is %q, want %d and %q", len(set.Members), set.Source, members, source)
	}
}

func tryAction(t *testing.T, e *example) {
	d, ok := deeds[e.name()]
	if !ok {
		t.Fatalf("nothing says how %s is tried", e.folder)
	}
	action, actionless := e.take(t, "action.tf"), e.take(t, "actionless.tf")
	t.Run("action", func(t *testing.T) {
		t.Parallel()
		tryDeed(t, e.name(), d, action)
	})
	t.Run("actionless", func(t *testing.T) {
		t.Parallel()
		tryActionless(t, e.name(), d, actionless)
	})
}

// tryDeed runs the action of an example: by the command line, by the change that triggers it or by its name, where that has
// actions. Where it has not, the example is applied without it, and the provider is asked to run it with the configuration that
// the block would have.
func tryDeed(t *testing.T, actionType string, d deed, text string) {
	cloud := cloudFor(t, actionType)
	plain, action := dismantle(t, text)
	modern := acctest.NewCLI(t, "").Terraform(14)
	if !modern {
		text = plain
	}
	cli := applied(t, cloud, text)
	ids := importIDs(t, cli)
	if d.before != nil {
		d.before(t, cloud)
	}
	var told string
	switch {
	case d.edit != nil:
		edit(t, cli, d.edit)
		told = cli.MustRun("apply", "-auto-approve")
	case modern:
		told = cli.MustRun("apply", "-auto-approve", "-invoke=action."+actionType+"."+action)
	}
	if !modern {
		told = invoked(t, cloud, cli, actionType)
	}
	for _, want := range d.told {
		if !strings.Contains(told, want) {
			t.Errorf("it does not tell %q:\n%s", want, told)
		}
	}
	done(t, cloud, d, ids)
	out, err := cli.Run("plan", "-detailed-exitcode")
	if d.left == "" && err != nil || !strings.Contains(out, d.left) {
		t.Errorf("after the action, want %q to plan: %v\n%s", d.left, err, out)
	}
	destroyed(t, cloud, cli)
}

// invoked runs the action by protocol, with what the outputs of a dismantled example say, and returns what it tells.
func invoked(t *testing.T, cloud *acctest.Cloud, cli *acctest.CLI, actionType string) string {
	t.Helper()
	out, err := cli.Command(t.Context(), "output", "-json", "config").Output()
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]string
	if err := json.Unmarshal(out, &config); err != nil {
		t.Fatal(err)
	}
	p := cloud.NewProtocol(t)
	progress, diagnostics := p.Invoke(actionType, config)
	p.NoErrors(diagnostics)
	return strings.Join(progress, " ")
}

// tryActionless applies what an example shows for those who have no actions.
func tryActionless(t *testing.T, actionType string, d deed, text string) {
	cloud := cloudFor(t, actionType)
	cli := acctest.NewCLI(t, cloud.Config(text))
	url, token := cloud.Endpoint(t)
	cli.Set("TROVE_URL="+url, "TROVE_TOKEN="+token)
	run := func(command string, more ...string) {
		t.Helper()
		args := append([]string{command}, more...)
		if d.flags != nil {
			args = append(args, d.flags()...)
		}
		cli.MustRun(args...)
	}
	cli.MustRun("apply", "-auto-approve")
	ids := importIDs(t, cli)
	if d.before != nil {
		d.before(t, cloud)
	}
	if d.without != nil {
		edit(t, cli, d.without)
	}
	if d.without != nil || d.flags != nil {
		run("apply", "-auto-approve")
	}
	if d.again {
		run("apply", "-auto-approve")
	}
	done(t, cloud, d, ids)
	run("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	run("destroy", "-auto-approve")
	alive(t, cloud)
}

// done checks what an action has done, when the server has nothing more to do.
func done(t *testing.T, cloud *acctest.Cloud, d deed, ids map[string]string) {
	t.Helper()
	client, err := cloud.Client()
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.HeartbeatLost() {
			continue // the dead have nothing more to do
		}
		if _, err := client.WaitSettled(t.Context(), i.ID); err != nil {
			t.Fatal(err)
		}
	}
	d.check(t, cloud, client, ids)
}

// edit changes the configuration.
func edit(t *testing.T, cli *acctest.CLI, change []string) {
	t.Helper()
	text := cli.Read("main.tf")
	if !strings.Contains(text, change[0]) {
		t.Fatalf("there is no %q:\n%s", change[0], text)
	}
	cli.Write("main.tf", strings.ReplaceAll(text, change[0], change[1]))
}

// dismantle takes the only action out of a configuration, and what triggers it; an output has the configuration of its block.
func dismantle(t *testing.T, text string) (plain, action string) {
	t.Helper()
	file, diags := hclwrite.ParseConfig([]byte(text), "action.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, block := range file.Body().Blocks() {
		if block.Type() == "action" {
			if action != "" {
				t.Fatal("it has more than one action")
			}
			action = block.Labels()[1]
			var config []hclwrite.ObjectAttrTokens
			for name, attribute := range block.Body().FirstMatchingBlock("config", nil).Body().Attributes() {
				config = append(config, hclwrite.ObjectAttrTokens{Name: hclwrite.TokensForIdentifier(name), Value: attribute.Expr().BuildTokens(nil)})
			}
			file.Body().RemoveBlock(block)
			file.Body().AppendNewBlock("output", []string{"config"}).Body().SetAttributeRaw("value", hclwrite.TokensForObject(config))
		}
		for _, lifecycle := range block.Body().Blocks() {
			for _, trigger := range lifecycle.Body().Blocks() {
				if trigger.Type() == "action_trigger" {
					lifecycle.Body().RemoveBlock(trigger)
				}
			}
		}
	}
	if action == "" {
		t.Fatal("it has no action")
	}
	return string(file.Bytes()), action
}
