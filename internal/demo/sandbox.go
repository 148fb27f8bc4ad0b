package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	sandboxBinary  = "trove-sandbox"
	sandboxStarts  = 30 * time.Second // how long the sandbox may take to be ready
	requestTimeout = 10 * time.Second
)

// A sandbox is the running server.
type sandbox struct {
	url  string   // scheme, host and port
	env  []string // the OS_ variables that lead to it
	cmd  *exec.Cmd
	log  string // path of its log
	done chan error
	quit context.CancelFunc
}

// startSandbox runs the sandbox that was built into dir, and returns once it answers.
func startSandbox(ctx context.Context, dir string) (*sandbox, error) {
	envFile := filepath.Join(dir, "sandbox.env")
	s := &sandbox{log: filepath.Join(dir, "sandbox.log"), done: make(chan error, 1)}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	// An interrupt must not take the server away from a Terraform that is still winding up: it ends in stop alone.
	life, quit := context.WithCancel(context.WithoutCancel(ctx))
	s.quit = quit
	s.cmd = command(life, filepath.Join(dir, sandboxBinary), "-listen", "127.0.0.1:0", "-build-time", "2s", "-env", envFile)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		quit()
		return nil, err
	}
	go func() {
		s.done <- s.cmd.Wait()
		log.Close() //nolint:errcheck // the log is read for its text, and a missing end shows
	}()
	if err := s.ready(ctx, envFile); err != nil {
		err = fmt.Errorf("starting the sandbox: %w\n%s", err, s.logTail(40))
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// ready waits for the file of export lines, which the sandbox writes when it listens.
func (s *sandbox) ready(ctx context.Context, envFile string) error {
	ctx, cancel := context.WithTimeout(ctx, sandboxStarts)
	defer cancel()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		text, err := os.ReadFile(envFile) //nolint:gosec // the path is ours
		if err == nil {
			if s.env, s.url, err = parseExports(string(text)); err == nil {
				return nil
			}
		}
		select {
		case <-poll.C:
		case exit := <-s.done:
			s.done <- nil // for stop, which has nothing to add
			return fmt.Errorf("it ended at once: %w", exit)
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", ctx.Err(), err)
		}
	}
}

// stop ends the server and waits for it.
func (s *sandbox) stop() error {
	s.quit()
	if err := <-s.done; err != nil && s.cmd.ProcessState.ExitCode() != 0 {
		return fmt.Errorf("stopping the sandbox: %w", err)
	}
	return nil
}

// A ledger is what the sandbox has served.
type ledger struct {
	Requests  map[string]int `json:"requests"` // by kind
	Instances []struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Deleted string `json:"deleted"` // when; empty while it lives
	} `json:"instances"`
}

// alive names the instances that have not been deleted.
func (l *ledger) alive() []string {
	var names []string
	for _, i := range l.Instances {
		if i.Deleted == "" {
			names = append(names, fmt.Sprintf("%s (%s)", i.Name, i.ID))
		}
	}
	return names
}

// takeLedger reads the ledger and sets its counts to zero.
func (s *sandbox) takeLedger(ctx context.Context) (*ledger, error) {
	const ledgerPath = "/sandbox/ledger"
	body, err := s.call(ctx, http.MethodGet, ledgerPath)
	if err != nil {
		return nil, err
	}
	l := &ledger{}
	if err := json.Unmarshal(body, l); err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	_, err = s.call(ctx, http.MethodDelete, ledgerPath)
	return l, err
}

// call asks the sandbox itself.
func (s *sandbox) call(ctx context.Context, method, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, req.URL, resp.Status, body.String())
	}
	return body.Bytes(), nil
}

// logTail returns the last lines of the server's log.
func (s *sandbox) logTail(lines int) string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error() + "\n"
	}
	all := strings.SplitAfter(strings.TrimRight(string(text), "\n")+"\n", "\n")
	all = all[:len(all)-1]
	return strings.Join(all[max(0, len(all)-lines):], "")
}

// parseExports reads `export NAME=value` lines, and returns them as an environment, with the server's URL.
func parseExports(text string) (env []string, server string, err error) {
	for line := range strings.Lines(text) {
		assignment, ok := strings.CutPrefix(strings.TrimSpace(line), "export ")
		if !ok {
			continue
		}
		name, value, _ := strings.Cut(assignment, "=")
		value = strings.Trim(value, `"'`)
		env = append(env, name+"="+value)
		if name == "OS_AUTH_URL" {
			u, err := url.Parse(value)
			if err != nil {
				return nil, "", err
			}
			server = u.Scheme + "://" + u.Host
		}
	}
	if server == "" {
		return nil, "", fmt.Errorf("no OS_AUTH_URL among %d variables", len(env))
	}
	return env, server, nil
}
