package mysql_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// A change that an instance must be ready for comes after the restart that it waits for.
func TestAccReplicaThatWaitsForARestartIsPromotedAfterIt(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			group := cloud.ConfigurationGroup(t, map[string]any{"innodb_open_files": 400})
			attached := `configuration_id = "` + group + `"`
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(source + replicaOf("replica_of = [trove_instance.source.id]\n"+attached))},
				resource.TestStep{
					PreConfig: func() { cloud.ChangeGroupBehindOurBack(t, "settings", map[string]any{"innodb_open_files": 500}) },
					Config:    cloud.Config(source + replicaOf("restart_policy = \"if_needed\"\n"+attached)),
					Check:     func(s *terraform.State) error { return cloud.ExpectStandalone(acctest.ID(s, replica)) },
				},
			)
			if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/action restart": 1}); err != nil {
				t.Error(err)
			}
		})
	}
}
