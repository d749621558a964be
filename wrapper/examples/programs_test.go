// Package examples_test runs the programs as processes, to test exit codes, signals, and
// that a message is printed once.
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

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "programs"); err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		var out []byte
		if out, err = exec.Command("go", "build", "-o", folder+string(filepath.Separator), "./...").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

var (
	issueArgs     = []string{"-name", "n", "-user", "u", "-group", "user:Memberships Read"}
	lifecycleArgs = []string{"-live", "-zone", "z"}
	rotateArgs    = []string{"-id", "ed17574386854bf78a67040be0a770b0", "--", "cat"}
)

// programs lists, for each program, arguments that make it send a request, and the
// operation of that request.
var programs = []struct {
	name, operation string
	args            []string
}{
	{"audit", "listTokens", nil},
	{"fakeapi", "", nil},
	{"issue", "listPermissionGroups", issueArgs},
	{"lifecycle", "listPermissionGroups", lifecycleArgs},
	{"rotate", "getToken", rotateArgs},
}

// command returns a command whose environment names the server, or no credential if it
// is nil.
func command(t *testing.T, server *cftokenstest.Server, name string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), filepath.Join(folder, name), args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.Env = append(os.Environ(), "CLOUDFLARE_ACCOUNT_ID=", "CLOUDFLARE_API_TOKEN=")
	if server != nil {
		cmd.Env = append(cmd.Env, "CLOUDFLARE_BASE_URL="+server.URL, "CLOUDFLARE_API_TOKEN="+server.Token)
	}
	return cmd, stdout, stderr
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err == nil {
		return 0
	}
	return exit.ExitCode()
}

func TestPrograms_ExitCode(t *testing.T) {
	t.Parallel()
	// The test cache tracks files that a test reads, but not those that go build reads.
	if err := filepath.WalkDir(".", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	// The runs are parallel, and some of them create tokens on fine.
	empty, found, fine := cftokenstest.NewServer(), cftokenstest.NewServer(), cftokenstest.NewServer()
	t.Cleanup(empty.Close)
	t.Cleanup(found.Close)
	t.Cleanup(fine.Close)
	if _, err := found.PutToken([]byte(`{"name":"never expires"}`)); err != nil {
		t.Fatal(err)
	}
	type run struct {
		name, program string
		args          []string
		server        *cftokenstest.Server
		code          int
		stderr        string // a regular expression
	}
	runs := []run{
		{name: "nothing found", program: "audit", args: []string{"-account", empty.AccountID}, server: empty},
		{name: "found", program: "audit", args: []string{"-json"}, server: found, code: 3},
		{name: "issued", program: "issue", args: issueArgs, server: fine, stderr: `token [0-9a-f]{32} \(n\) is active\n`},
		{name: "demo", program: "lifecycle"},
		{name: "live", program: "lifecycle", args: lifecycleArgs, server: fine},
		{name: "no credential", program: "audit", code: 1, stderr: `audit: cftokens: .*CLOUDFLARE_API_TOKEN.*\n`},
		{name: "no credential", program: "issue", args: issueArgs, code: 1, stderr: `issue: cftokens: .*CLOUDFLARE_API_TOKEN.*\n`},
		{name: "no credential", program: "lifecycle", args: lifecycleArgs, code: 1, stderr: `lifecycle: cftokens: .*CLOUDFLARE_API_TOKEN.*\n`},
		{name: "no credential", program: "rotate", args: rotateArgs, code: 1, stderr: `rotate: cftokens: .*CLOUDFLARE_API_TOKEN.*\n`},
		{name: "no token", program: "rotate", args: rotateArgs, server: fine, code: 1, stderr: `rotate: nothing was changed: cftokens: .*\n`},
		{name: "no command", program: "rotate", args: rotateArgs[:2], server: fine, code: 2, stderr: `rotate: -id and a command are required; see -h\n`},
		{name: "address", program: "fakeapi", args: []string{"-addr", "127.0.0.1:-1"}, code: 1, stderr: `fakeapi: .*invalid port.*\n`},
		{name: "duration", program: "audit", args: []string{"-unused", "9x"}, server: fine, code: 2, stderr: `audit: invalid value "9x" for flag -unused: want days, such as 30d, .*; see -h\n`},
		{name: "no name", program: "issue", server: fine, code: 2, stderr: `issue: -name is required; see -h\n`},
		{name: "no zone", program: "lifecycle", args: []string{"-live"}, server: fine, code: 2, stderr: `lifecycle: -live requires -zone.*; see -h\n`},
	}
	for _, program := range programs {
		runs = append(runs, run{name: "unknown flag", program: program.name, args: []string{"-nope"}, server: fine, code: 2, stderr: program.name + `: flag provided but not defined: -nope; see -h\n`})
	}
	for _, tt := range runs {
		t.Run(tt.program+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			cmd, stdout, stderr := command(t, tt.server, tt.program, tt.args...)
			code := exitCode(t, cmd.Run())
			if code != tt.code {
				t.Errorf("exit code = %d, want %d", code, tt.code)
			}
			if !regexp.MustCompile(`^` + tt.stderr + `$`).MatchString(stderr.String()) {
				t.Errorf("standard error = %q, want %s", stderr, tt.stderr)
			}
			if fails := code == 1 || code == 2; (stdout.Len() == 0) != fails {
				t.Errorf("standard output = %q with exit code %d, want output only on success", stdout, code)
			}
		})
	}
}

func TestPrograms_Help(t *testing.T) {
	t.Parallel()
	for _, program := range programs {
		cmd, stdout, stderr := command(t, nil, program.name, "-h")
		if code := exitCode(t, cmd.Run()); code != 0 || stderr.Len() > 0 {
			t.Errorf("%s -h: exit code = %d, standard error %q; want 0 and none", program.name, code, stderr)
		}
		for _, want := range []string{"Command " + program.name + " ", "\nUsage:\n\n\t" + program.name, "\nEnvironment", "\nExit codes:\n", "\n\t1    failure", "\n\t2    invalid flags\n", " SIGINT or SIGTERM\n", "\nFlags:\n\n  -"} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s -h printed no %q:\n%s", program.name, want, stdout)
			}
		}
		for line := range strings.Lines(stdout.String()) {
			if len(strings.ReplaceAll(line, "\t", "    ")) > 120 {
				t.Errorf("%s -h printed a line of more than 120 columns: %s", program.name, line)
			}
		}
	}
}

// TestPrograms_Interrupted sends a signal during a request.
func TestPrograms_Interrupted(t *testing.T) {
	t.Parallel()
	for _, program := range programs {
		for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			t.Run(program.name+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				server := cftokenstest.NewServer()
				t.Cleanup(server.Close)
				server.Inject(cftokenstest.Fault{Operation: program.operation, Delay: time.Hour})
				cmd, _, stderr := command(t, server, program.name, program.args...)
				ready := func() bool {
					return slices.ContainsFunc(server.Requests(), func(r cftokenstest.Request) bool { return r.Operation == program.operation })
				}
				if program.operation == "" { // it serves when it has printed something
					r, w, err := os.Pipe()
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
					cmd.Stdout = w
					ready = func() bool { n, err := r.Read(make([]byte, 1)); return n == 1 && err == nil }
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				for start := time.Now(); !ready(); time.Sleep(time.Millisecond) {
					if time.Since(start) > time.Minute {
						t.Fatal("no request was sent")
					}
				}
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				code := exitCode(t, cmd.Wait())
				if program.operation == "" { // it has done its work
					if code != 0 || stderr.Len() > 0 {
						t.Errorf("exit code = %d, standard error = %q; want 0 and none", code, stderr)
					}
					return
				}
				if code != 130 {
					t.Errorf("exit code = %d, want 130", code)
				}
				if want := `^` + program.name + `: .*(context canceled|signal received).*\n$`; !regexp.MustCompile(want).MatchString(stderr.String()) {
					t.Errorf("standard error = %q, want %s", stderr, want)
				}
			})
		}
	}
}

// TestIssue_ClosedPipe checks that SIGPIPE does not end the program before it has deleted
// the token whose value could not be written.
func TestIssue_ClosedPipe(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	cmd, _, stderr := command(t, server, "issue", issueArgs...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	_ = r.Close()
	code := exitCode(t, cmd.Run())
	_ = w.Close()
	if code != 1 {
		t.Errorf("exit code = %d, want 1", code)
	}
	if want := "deleted again: "; !strings.Contains(stderr.String(), want) {
		t.Errorf("standard error = %q, want it to contain %q", stderr, want)
	}
	if n := len(server.Tokens()); n != 0 {
		t.Errorf("%d tokens are left, want none", n)
	}
}
