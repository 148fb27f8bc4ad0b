package process

import (
	"errors"
	"os/exec"
	"syscall"
)

// errSystem says that database servers run only on Unix.
var errSystem = errors.New("database servers are not run on Windows: instances are simulated")

func attributes(Command) (*syscall.SysProcAttr, error) { return nil, errSystem }

func start(*exec.Cmd) error { return errSystem }

func own(string, string) error { return nil }

func killGroup(int) error { return errSystem }

func startTime(int) (string, error) { return "", errSystem }
