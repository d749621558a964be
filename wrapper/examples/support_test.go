// Package examples_test runs the programs as processes, as a shell does.
package examples_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var folder string // of the built programs

func TestMain(m *testing.M) {
	folder, _ = os.MkdirTemp("", "programs")
	out, err := exec.Command("go", "build", "-o", folder+string(filepath.Separator), "./...").CombinedOutput()
	// The test cache tracks files that a test reads, but not those that go build reads.
	walkErr := filepath.WalkDir(".", func(_ string, _ fs.DirEntry, err error) error { return err })
	code := 1
	if err = errors.Join(err, walkErr); err == nil {
		code = m.Run()
	} else {
		fmt.Fprintf(os.Stderr, "%v: %s\n", err, out)
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

const (
	zone   = "eb78d65290b24279ba6f44721b3ea3c4"
	policy = `{"effect":"allow","permission_groups":[{"id":"c8fed203ed3043cba015a93ad1616f1f"}],"resources":{"com.cloudflare.api.account.zone.` + zone + `":"*"}}`
	named  = "an\\u001b[2J\\u009b1m\\u202e" // a name in JSON that controls a terminal
)

// start starts a fake that has the given user tokens.
func start(t *testing.T, tokens ...string) *cftokenstest.Server {
	t.Helper()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	for _, token := range tokens {
		put(t, server, token)
	}
	return server
}

func put(t *testing.T, server *cftokenstest.Server, token string) (id string) {
	t.Helper()
	id, err := server.PutToken([]byte(token))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// process is a program that has not been started yet.
type process struct {
	*exec.Cmd

	t              *testing.T
	stdout, stderr bytes.Buffer
	alone          bool // interrupt sends signals to no other process
}

// command returns a program whose environment names the server, or no credential if it is
// nil. Arguments that begin with CLOUDFLARE_ are added to the environment.
func command(t *testing.T, server *cftokenstest.Server, name string, args ...string) *process {
	t.Helper()
	env := append(os.Environ(), "CLOUDFLARE_ACCOUNT_ID=", "CLOUDFLARE_API_TOKEN=", "CLOUDFLARE_BASE_URL=")
	if server != nil {
		env = append(env, "CLOUDFLARE_BASE_URL="+server.URL, "CLOUDFLARE_API_TOKEN="+server.Token)
	}
	for len(args) > 0 && strings.HasPrefix(args[0], "CLOUDFLARE_") {
		env, args = append(env, args[0]), args[1:]
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), filepath.Join(folder, name), args...), t: t}
	p.Env, p.Stdout, p.Stderr = env, &p.stdout, &p.stderr
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does
	return p
}

// run runs a program that must not fail to start.
func run(t *testing.T, server *cftokenstest.Server, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	p := command(t, server, name, args...)
	code = p.exitCode(p.Run())
	return code, p.stdout.String(), p.stderr.String()
}

func (p *process) exitCode(err error) int {
	p.t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// interrupt sends signals to the process group, as a terminal does, when ready returns true,
// and returns the exit code.
func (p *process) interrupt(ready func() bool, signals ...syscall.Signal) int {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	for start := time.Now(); !ready(); time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			p.t.Fatal("the program was never ready for the signal")
		}
	}
	pid := -p.Process.Pid
	if p.alone {
		pid = p.Process.Pid
	}
	for i, sig := range signals {
		time.Sleep(time.Duration(i) * 50 * time.Millisecond)
		if err := syscall.Kill(pid, sig); err != nil {
			p.t.Fatal(err)
		}
	}
	return p.exitCode(p.Wait())
}

// requested returns a function that reports whether the server has got a request.
func requested(server *cftokenstest.Server, operation string) func() bool {
	return func() bool {
		return slices.ContainsFunc(server.Requests(), func(r cftokenstest.Request) bool { return r.Operation == operation })
	}
}

// exists returns a function that reports whether a file exists.
func exists(file string) func() bool {
	return func() bool { _, err := os.Stat(file); return err == nil }
}

// value returns the current value of a token.
func value(server *cftokenstest.Server, id string) string {
	value, _ := server.Value(id)
	return value.Reveal()
}

func mustMatch(t *testing.T, name, pattern, text string) {
	t.Helper()
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(text) {
		t.Errorf("%s = %q, want %s", name, text, pattern)
	}
}

// signals are those that a program catches.
var signals = map[string]syscall.Signal{"SIGHUP": syscall.SIGHUP, "SIGINT": syscall.SIGINT, "SIGQUIT": syscall.SIGQUIT, "SIGTERM": syscall.SIGTERM}

// redirect makes standard output something that loses what is written to it: a redirection
// of the shell, or "pipe", one without a reader.
func (p *process) redirect(output string) {
	p.t.Helper()
	if output != "pipe" {
		p.Path, p.Args = "/bin/sh", append([]string{"sh", "-c", `exec "$0" "$@" ` + output}, p.Args...)
		return
	}
	r, w, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	_ = r.Close()
	p.t.Cleanup(func() { _ = w.Close() })
	p.Stdout = w
}
