package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// store is the command that stores a value.
type store struct {
	path   string
	args   []string
	stderr io.Writer
}

// run passes the value to the command. If ctx is canceled, the command gets SIGTERM, and
// has succeeded if it exits with 0 all the same. If ctx cannot be canceled, the command
// ignores the signals that its terminal or its process group gets.
func (s *store) run(ctx context.Context, value secret.Value) error {
	cli.Status(s.stderr, "")
	path, args := s.path, s.args
	if ctx.Done() == nil {
		path, args = "/bin/sh", append([]string{"-c", `trap "" HUP INT QUIT TERM; exec "$0" "$@"`, path}, args...)
	}
	command := exec.CommandContext(ctx, path, args...) //nolint:gosec // the command is what the caller asks for
	command.Stdin = strings.NewReader(value.Reveal())
	command.Stdout, command.Stderr = s.stderr, s.stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	err := command.Run()
	if err == nil || command.ProcessState != nil && command.ProcessState.Success() {
		return nil
	}
	return fmt.Errorf("%s: %w", s.path, err)
}
