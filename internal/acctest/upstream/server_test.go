package upstream

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// server is a real Keystone and a real Trove in processes of their own.
type server struct {
	AuthURL  string `json:"auth_url"`
	Password string `json:"password"` // of the administrator, who is called trove
	Control  string `json:"control"`  // the folder of the files that make guests fail
	Log      string `json:"log"`      // Trove's log

	cmd    *exec.Cmd
	input  io.Closer     // its end ends the server
	stderr *bytes.Buffer // to be read when it has ended
}

// release is the release of Trove that the real server is of, and as which the sandbox behaves: 18, 23 or 26.
func release() string { return cmp.Or(os.Getenv("TROVE_RELEASE"), "18") }

// imitated is the option of a sandbox that behaves as that release.
func imitated(o *sandbox.Options) {
	n, err := strconv.Atoi(release())
	if err != nil {
		panic("TROVE_RELEASE is a release of Trove, such as 23, and not " + release())
	}
	o.Upstream, o.Release = true, n
}

// since says that the servers are of this release of Trove or a later one.
func since(least int) bool {
	var o sandbox.Options
	imitated(&o)
	return o.Release >= least
}

// startTimeout is how long a server may take to start: on a machine that compiles and runs other tests meanwhile, it has to share.
const startTimeout = 15 * time.Minute

// startServer takes some 20 seconds. testdata/serve.py stops everything and removes its files when its standard input
// ends, which the system sees to in whatever way this process ends.
func startServer(ctx context.Context) (*server, error) {
	s := &server{stderr: &bytes.Buffer{}}
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), "./serve", release())
	s.cmd.Stderr = s.stderr
	ownGroup(s.cmd)
	input, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	s.input = input
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	stop := time.AfterFunc(startTimeout, func() { s.input.Close() })
	if err := json.NewDecoder(output).Decode(s); err != nil {
		if !stop.Stop() {
			err = fmt.Errorf("it took longer than %s", startTimeout)
		}
		return nil, fmt.Errorf("the server did not start: %w\n%s", errors.Join(err, s.stop()), s.stderr)
	}
	stop.Stop()
	return s, nil
}

func (s *server) stop() error {
	s.input.Close()
	return s.cmd.Wait()
}

// running is the one server of this run, once a test has asked for it.
var running struct {
	once   sync.Once
	server *server
	err    error
}

// realServer returns the one server of this run. It skips the test where there can be none, and fails it where there must
// be one.
func realServer(t *testing.T) *server {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, as make test sets it")
	}
	if out, err := exec.CommandContext(t.Context(), "./packages", release()).Output(); err != nil {
		reason := strings.TrimSpace(string(out))
		if os.Getenv("TROVE_UPSTREAM") == "required" {
			t.Fatalf("%s TROVE_UPSTREAM=required makes that a failure. (%v)", reason, err)
		}
		t.Skip(reason)
	}
	running.once.Do(func() { running.server, running.err = startServer(t.Context()) })
	if running.err != nil {
		t.Fatal(running.err)
	}
	return running.server
}

func TestMain(m *testing.M) {
	// The tests wait for servers most of the time, not for processors. The flag given on the command line counts.
	parallel := flag.Lookup("test.parallel")
	if err := parallel.Value.Set("12"); err != nil {
		panic(err)
	}
	code := m.Run()
	acctest.RemoveBuild()
	if running.server != nil {
		if err := running.server.stop(); err != nil {
			fmt.Fprintf(os.Stderr, "the server did not stop as it should: %v\n%s\n", err, running.server.stderr)
			code = 1
		}
	}
	os.Exit(code)
}
