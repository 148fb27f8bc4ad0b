package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// Answers of a server to one request.
var (
	accepted  = error(nil)
	errBusy   = &openstack.Error{Code: 422, Message: "busy"}
	refusal   = &openstack.Error{Code: 400, Message: "no"}
	unknown   = &openstack.Error{Code: 500, Message: "away"}
	errFailed = errors.New("it failed")
)

// trial is an attempt at a server that answers each request in turn, and the last answer again and again.
type trial struct {
	attempt
	answers []error
	shows   bool // it is visible whether it has happened: by how many requests, or never where that is 0
	by      int
	already bool // it had happened before
	ignores bool // an accepted request without effect is an error

	happens int // how many requests were carried out
	steps   []string
}

func (x *trial) run(ctx context.Context, t *testing.T) (bool, error) {
	t.Helper()
	client := newCloud(t, nil).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
	sends := 0
	x.ready = func(context.Context) error {
		x.steps = append(x.steps, "ready")
		return nil
	}
	x.send = func(context.Context) error {
		x.steps = append(x.steps, "send")
		answer := x.answers[min(sends, len(x.answers)-1)]
		sends++
		if !errors.Is(answer, openstack.ErrNotReady) {
			x.happens++
		}
		return answer
	}
	if x.shows {
		x.done = func(context.Context, bool) (bool, error) {
			x.steps = append(x.steps, "look")
			return x.already || x.by > 0 && x.happens >= x.by, nil
		}
	}
	if x.ignores {
		x.ignored = func() error { return errors.New("ignored") }
	}
	return client.run(ctx, x.attempt)
}

func TestAttempts(t *testing.T) {
	tests := map[string]struct {
		trial
		sent  bool
		err   error  // that the result is or holds
		text  string // that it has
		steps string
	}{
		"accepted":                      {trial{answers: []error{accepted}}, true, nil, "", "ready send"},
		"refused":                       {trial{answers: []error{refusal}}, false, refusal, "", "ready send"},
		"not ready for a while":         {trial{answers: []error{errBusy, errBusy, accepted}}, true, nil, "", "ready send ready send ready send"},
		"never ready":                   {trial{answers: []error{errBusy}}, false, errBusy, "", strings.TrimSpace(strings.Repeat("ready send ", mostRefusals+1))},
		"unknown, and nothing shows it": {trial{answers: []error{unknown}}, true, unknown, "", "ready send"},
		"need not be sent":              {trial{shows: true, already: true, answers: []error{accepted}}, false, nil, "", "ready look"},
		"unknown, and it happened":      {trial{shows: true, by: 1, answers: []error{unknown}}, true, nil, "", "ready look send ready look"},
		"unknown, and it did not, and the second did": {trial{shows: true, by: 2, answers: []error{unknown, accepted}}, true, nil, "", "ready look send ready look send"},
		"unknown twice": {trial{shows: true, answers: []error{unknown}}, true, unknown, "", "ready look send ready look send ready look"},
		"unknown, then refused since it has happened":    {trial{shows: true, by: 2, answers: []error{unknown, refusal}}, true, nil, "", "ready look send ready look send look"},
		"refused since a repetition beneath has done it": {trial{shows: true, by: 1, answers: []error{refusal}}, false, nil, "", "ready look send look"},
		"accepted without effect, then with":             {trial{shows: true, by: 2, ignores: true, answers: []error{accepted}}, true, nil, "", "ready look send ready look send ready look"},
		"accepted without effect twice":                  {trial{shows: true, ignores: true, answers: []error{accepted}}, true, nil, "ignored", "ready look send ready look send ready look"},
		"accepted without effect, which is not repeated": {trial{shows: true, ignores: true, attempt: attempt{once: true}, answers: []error{accepted}}, true, nil, "ignored", "ready look send ready look"},
		"a refusal that is no matter":                    {trial{attempt: attempt{refused: judge(happened, nil)}, answers: []error{refusal}}, false, nil, "", "ready send"},
		"a refusal that is worth another try":            {trial{attempt: attempt{refused: judge(retry, nil)}, answers: []error{refusal, accepted}}, true, nil, "", "ready send ready send"},
		"a refusal that is tried so often":               {trial{attempt: attempt{refused: judge(retry, nil)}, answers: []error{refusal}}, false, refusal, "", strings.TrimSpace(strings.Repeat("ready send ", mostRefusals+1))},
		"a refusal that ends it":                         {trial{attempt: attempt{refused: judge(repeat, errFailed)}, answers: []error{refusal}}, false, errFailed, "", "ready send"},
		"a wait for the end that fails":                  {trial{attempt: attempt{settle: func(context.Context, error) error { return errFailed }}, answers: []error{accepted}}, true, errFailed, "", "ready send"},
		"unknown twice, in words of its own": {
			trial{shows: true, attempt: attempt{unknown: func(lost error) error { return fmt.Errorf("still there: %w", lost) }}, answers: []error{unknown}}, true, unknown, "still there", "ready look send ready look send ready look",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := tt.trial
			sent, err := x.run(t.Context(), t)
			if sent != tt.sent || tt.err != nil && !errors.Is(err, tt.err) || tt.err == nil && tt.text == "" && err != nil || tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text)) {
				t.Errorf("sent: %t, %v; want %t, %v %s", sent, err, tt.sent, tt.err, tt.text)
			}
			if got := strings.Join(x.steps, " "); got != tt.steps {
				t.Errorf("the steps were\n%s, want\n%s", got, tt.steps)
			}
		})
	}
}

// judge is a verdict on every refusal.
func judge(v verdict, err error) func(context.Context, error) (verdict, error) {
	return func(context.Context, error) (verdict, error) { return v, err }
}

func TestARefusalIsRepeatedHoweverOften(t *testing.T) {
	x := trial{attempt: attempt{refused: judge(repeat, nil)}}
	for range 3 * mostRefusals {
		x.answers = append(x.answers, refusal)
	}
	x.answers = append(x.answers, accepted)
	if sent, err := x.run(t.Context(), t); !sent || err != nil {
		t.Errorf("sent: %t, %v", sent, err)
	}
}

func TestNothingIsSentOnceTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x := trial{answers: []error{accepted}}
	if sent, err := x.run(ctx, t); sent || !errors.Is(err, context.Canceled) || strings.Contains(strings.Join(x.steps, " "), "send") {
		t.Errorf("sent: %t, %v after %v", sent, err, x.steps)
	}
	// Where the outcome of a request is unknown, that is what matters.
	ctx, cancel = context.WithCancel(t.Context())
	x = trial{shows: true, answers: []error{unknown}}
	x.settle = func(context.Context, error) error {
		cancel()
		return nil
	}
	if sent, err := x.run(ctx, t); !sent || !errors.Is(err, unknown) {
		t.Errorf("sent: %t, %v", sent, err)
	}
}

func TestADeletionIsLookedAfterBeforeItIsSentAgain(t *testing.T) {
	type answer struct {
		err  error
		gone bool // afterwards
	}
	gone := &openstack.Error{Code: 404, Fault: "itemNotFound"}
	tests := map[string]struct {
		answers []answer
		sends   int
		err     error
	}{
		"accepted":                            {[]answer{{accepted, true}}, 1, nil},
		"gone already":                        {[]answer{{gone, true}}, 1, nil},
		"lost, and it is gone":                {[]answer{{unknown, true}}, 1, nil},
		"lost, and it stays until the second": {[]answer{{unknown, false}, {accepted, true}}, 2, nil},
		"lost, and gone before the second":    {[]answer{{unknown, false}, {gone, true}}, 2, nil},
		"lost twice":                          {[]answer{{unknown, false}}, 2, unknown},
		"refused":                             {[]answer{{refusal, false}}, 1, refusal},
		"accepted, and it stays":              {[]answer{{accepted, false}}, 1, errFailed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client := newCloud(t, nil).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
			sends, isGone := 0, false
			err := client.deleteAndWait(t.Context(), deletion{
				send: func(context.Context) error {
					a := tt.answers[min(sends, len(tt.answers)-1)]
					sends++
					isGone = a.gone
					return a.err
				},
				gone: func(context.Context) (bool, error) { return isGone, nil },
				wait: func(context.Context, error) error {
					if !isGone {
						return errFailed
					}
					return nil
				},
			})
			if sends != tt.sends || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Errorf("%d requests, %v; want %d, %v", sends, err, tt.sends, tt.err)
			}
		})
	}
}
