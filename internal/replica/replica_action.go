package replica

import (
	"context"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewPromoteAction is trove_promote_replica.
var NewPromoteAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_promote_replica",
	Description: "Makes a replica the source of its replication set (`promote_to_replica_source`): the current source and the other replicas " +
		"then replicate from it. It waits until every member is ready again, and has no effect if the instance is the source already. The plans " +
		"of all members stay empty. Without actions, as on OpenTofu, use the resource `trove_replication_source`.",
	Instance: "The id of the replica to make the source.",
	Verb:     "promote", Kind: "replica",
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		before, err := c.ReplicationSet(ctx, i.ID)
		if err != nil {
			return err
		}
		source := before.Find(before.Source)
		if source != nil && source.ID != i.ID {
			tell("Promoting %s (%s). The source is %s (%s).", i.Name, i.ID, source.Name, source.ID)
		}
		if err := c.Switchover(ctx, i.ID); err != nil {
			return err
		}
		if source != nil && source.ID == i.ID {
			tell("%s (%s) is the source already: nothing was changed.", i.Name, i.ID)
			return nil
		}
		tell("%s (%s) is the source, and %d others replicate from it.", i.Name, i.ID, len(before.Members)-1)
		return nil
	},
})

// NewEjectAction is trove_eject_source.
var NewEjectAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_eject_source",
	Description: "Removes a dead source from its replication set (`eject_replica_source`): the server chooses one of its replicas as the new " +
		"source, and the others replicate from that. Data that the old source had not yet sent to a replica is lost. The server refuses this " +
		"while the source still sends heartbeats. Without actions, as on OpenTofu, use `eject_dead_source` of `trove_replication_source`.",
	Instance: "The id of the dead source.",
	Verb:     "eject", Kind: "source",
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("Ejecting %s (%s), which is in status %s.", i.Name, i.ID, i.Status)
		newSource, err := c.Eject(ctx, i.ID)
		if err != nil {
			return err
		}
		if newSource == "" {
			tell("None of the others is a source now, and %s (%s) is standalone.", i.Name, i.ID)
			return nil
		}
		source, err := c.Instance(ctx, newSource)
		if err != nil {
			return err
		}
		tell("%s (%s) is the source now, and %s (%s) is standalone.", source.Name, source.ID, i.Name, i.ID)
		return nil
	},
})

// NewDetachAction is trove_detach_replica.
var NewDetachAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_detach_replica",
	Description: "Makes a replica a standalone, writable server (`mysql.promote` or `redis.slaveof_no_one` of the topology API, or a detach on " +
		"released Trove), and waits until that is done. Its own replicas keep replicating from it. It cannot become a replica again. The action " +
		"has no effect if the instance is not a replica. Without actions, as on OpenTofu, remove `replica_of` from `trove_mysql_replica`, " +
		"`trove_redis_node` or `trove_replica`. After the action, remove `replica_of` from the configuration too; otherwise the next plan replaces the server.",
	Instance: "The id of the replica to detach.",
	Verb:     "detach", Kind: "replica",
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		sources, _, err := c.SourcesOf(ctx, i)
		if err != nil {
			return err
		}
		if len(sources) == 0 {
			tell("%s (%s) has no source: nothing was changed.", i.Name, i.ID)
			return nil
		}
		tell("Detaching %s (%s) from %s.", i.Name, i.ID, strings.Join(sources, ", "))
		again := func(group string) {
			tell("The server took configuration group %s off over this, as some releases of Trove do. It has been attached again.", group)
		}
		if _, err := c.Promote(ctx, i.ID, &operation.Keep{Again: again}); err != nil {
			return err
		}
		tell("%s (%s) is standalone and writable.", i.Name, i.ID)
		return nil
	},
})
