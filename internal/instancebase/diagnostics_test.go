package instancebase

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

func TestAPIErrorSaysWhatHappenedAndWhatToDo(t *testing.T) {
	tests := map[string]struct {
		err  error
		want []string
	}{
		"the server's own text and the request id": {
			&openstack.Error{Op: "create instance orders", Code: 413, Fault: "overLimit", Message: "Quota exceeded for resources: ['instances'].", RequestID: "req-7"},
			[]string{"Quota exceeded for resources: ['instances'].", "req-7", "ask for a higher quota"},
		},
		"a timeout names the attribute": {
			&watch.TimeoutError{ID: "i-1", For: "ready", Last: "BUILD", Waited: time.Minute, Cause: context.DeadlineExceeded},
			[]string{"it still showed status BUILD", "the timeouts attribute"},
		},
		"a canceled wait is no timeout": {
			&watch.TimeoutError{ID: "i-1", For: "ready", Last: "BUILD", Waited: time.Minute, Cause: context.Canceled},
			[]string{"the wait was canceled"},
		},
		"an ignored topology": {
			fmt.Errorf("create: %w", operation.ErrTopologyIgnored),
			[]string{`topology_api = "never"`},
		},
		"one that a killed run has left": {
			&operation.LostError{Kind: "instance", Name: "orders", ID: "i-1"},
			[]string{"terraform import ADDRESS i-1", "if Terraform refuses the import", "leaves its cluster before it is deleted"},
		},
		"several that may be the one": {
			&operation.AmbiguousCreateError{Kind: "instance", Name: "orders", IDs: []string{"i-1", "i-2"}},
			[]string{"(i-1, i-2): none was adopted", "terraform import ADDRESS ID", "leaves its cluster before it is deleted"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := APIError("create", "database instance", tt.err, "Nothing was created.")
			if d.Summary() != "Unable to create database instance" {
				t.Errorf("summary is %q", d.Summary())
			}
			for _, want := range append(tt.want, "Nothing was created.") {
				if !strings.Contains(d.Detail(), want) {
					t.Errorf("detail lacks %q:\n%s", want, d.Detail())
				}
			}
		})
	}
}

func TestAPIErrorOfASearchSaysThatAnInstanceMayExist(t *testing.T) {
	for name, cause := range map[string]error{
		"the server is out of reach":  fmt.Errorf("list instances: %w", &openstack.ConnectError{Problem: "the identity service does not answer"}),
		"the server returns an error": &openstack.Error{Op: "list instances", Code: 500},
	} {
		t.Run(name, func(t *testing.T) {
			d := createError("database instance", trove.CreateRequest{}, &operation.UnknownOutcomeError{Name: "orders", Cause: cause})
			if !strings.Contains(d.Detail(), "it may exist although it is not in the state") {
				t.Errorf("the detail does not warn:\n%s", d.Detail())
			}
			for _, wrong := range []string{"try again later", "Nothing was created"} {
				if strings.Contains(d.Detail(), wrong) {
					t.Errorf("the detail says %q:\n%s", wrong, d.Detail())
				}
			}
		})
	}
}

func TestProblemDiagnosticsSpeakOfAttributes(t *testing.T) {
	no := false
	block := &topology.MySQL{ReadOnly: &no}
	attributes := map[string]path.Path{"slave_of": path.Root("replica_of"), "read_only": path.Root("read_only")}

	got := ProblemDiagnostics("MySQL replica", block.Check(topology.Datastore{}), attributes)
	want := diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("read_only"), "Invalid MySQL replica",
		"read_only is allowed only with replica_of: a server that replicates from nothing takes writes.")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if unknown := ProblemDiagnostics("MySQL replica", block.Check(topology.Datastore{}), attributes, "slave_of"); len(unknown) != 0 {
		t.Errorf("a rule about an unknown value still said: %v", unknown)
	}
}

func TestProblemsOfAWholeAreAtOnePlaceInUsersWords(t *testing.T) {
	at := path.Root("members")
	got := ProblemDiagnosticsAt(at, "set", topology.Problems{
		{Fields: []string{"votes"}, Message: "too many: give the others votes 0 and priority 0"},
		{Fields: []string{"slaveDelay"}, Message: "slaveDelay is bold", Advice: true},
		{Fields: []string{"priority"}, Message: "one is few", Advice: true},
	}, map[string]path.Path{"votes": at.AtName("votes"), "slaveDelay": at.AtName("secondary_delay_secs")})
	want := diag.Diagnostics{
		diag.NewAttributeErrorDiagnostic(at, "Invalid set", "Too many: give the others votes 0 and priority 0."),
		diag.NewAttributeWarningDiagnostic(at, "set configuration warning", "secondary_delay_secs is bold.\nOne is few."),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if none := ProblemDiagnosticsAt(at, "set", nil, nil); len(none) != 0 {
		t.Errorf("no problems come to %v", none)
	}
}

func TestCreateErrorBlamesTheSource(t *testing.T) {
	d := createError("MySQL replica", trove.CreateRequest{}, &operation.SourceError{ID: "s-1", Cause: &openstack.Error{Code: 404, Fault: "itemNotFound"}})
	at, ok := d.(diag.DiagnosticWithPath)
	if !ok || !at.Path().Equal(path.Root("replica_of")) || !strings.Contains(d.Detail(), "is s-1, but there is no such instance") {
		t.Errorf("got %v", d)
	}
	if d := createError("MySQL replica", trove.CreateRequest{}, &operation.UnknownOutcomeError{Name: "x", Cause: errors.New("gone")}); strings.Contains(d.Detail(), "Nothing was created") {
		t.Errorf("it is not known that nothing was created: %s", d.Detail())
	}
}
