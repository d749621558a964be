package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestLifecycle compares the output with a file, except for IDs and dates. To accept a new
// output, write it to the file.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	code, got, stderr := run(t, nil, "lifecycle")
	for pattern, with := range map[string]string{`\b[0-9a-f]{8}\b`: "01234567", `\b\d{4}-\d\d-\d\d\b`: "2026-01-01"} {
		got = regexp.MustCompile(pattern).ReplaceAllString(got, with)
	}
	want, err := os.ReadFile("lifecycle/testdata/demo.golden")
	if diff := cmp.Diff(string(want), got); err != nil || code != 0 || stderr != "" || diff != "" {
		t.Errorf("%v, exit code = %d, standard error = %q, standard output (-want +got):\n%s", err, code, stderr, diff)
	}
}

// TestLifecycle_Live checks that each run, even if a step fails, deletes all tokens that it
// created, and no others.
func TestLifecycle_Live(t *testing.T) {
	t.Parallel()
	denied := cftokenstest.Fault{Operation: "rollToken", Status: 403, Body: `{"success":false,"errors":[{"code":9109,"message":"no"}]}`}
	lost := cftokenstest.Fault{Operation: "createToken", DropAfter: true}
	for _, tt := range []struct {
		name   string
		fault  cftokenstest.Fault
		args   []string
		code   int
		stderr string // a regular expression
	}{
		{"user token", cftokenstest.Fault{Operation: "getAccountToken"}, nil, 0, ""},
		{"account token", cftokenstest.Fault{Operation: "getToken"}, []string{"CLOUDFLARE_ACCOUNT_ID=" + account}, 0, ""},
		{"denied", denied, nil, 1, "lifecycle: roll: cftokens: .*HTTP 403 .*\n"},
		{"create lost", lost, nil, 1, "lifecycle: create: cftokens: .*outcome unknown.*\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer(cftokenstest.WithAccountID(account))
			t.Cleanup(server.Close)
			put(t, server, deploy)
			server.Inject(tt.fault)
			code, stdout, stderr := run(t, server, "lifecycle", append(tt.args, lifecycleArgs...)...)
			kind := "user"
			if tt.args != nil {
				kind = "account"
			}
			if want := "The lifecycle of an API token (" + kind + " token) at " + server.URL + "\n"; !strings.HasPrefix(stdout, want) {
				t.Errorf("standard output = %q, want it to begin with %q", stdout, want)
			}
			if mustMatch(t, "standard error", tt.stderr, stderr); code != tt.code || len(server.Tokens()) != 1 || len(server.AccountTokens()) != 0 {
				t.Errorf("exit code = %d, %d and %d tokens exist, want %d, and no token of the run", code, len(server.Tokens()), len(server.AccountTokens()), tt.code)
			}
		})
	}
}

// TestLifecycle_Signals checks that the tokens are deleted after a signal, even one whose
// creation was interrupted.
func TestLifecycle_Signals(t *testing.T) {
	t.Parallel()
	for name, sig := range signals {
		for _, operation := range []string{"createToken", "rollToken"} {
			server := start(t)
			server.Inject(cftokenstest.Fault{Operation: operation, Delay: 300 * time.Millisecond})
			p := command(t, server, "lifecycle", lifecycleArgs...)
			code := p.interrupt(requested(server, operation), sig)
			mustMatch(t, "standard error", "lifecycle: .*interrupted by "+name+".*\n", p.stderr.String())
			if code != 130 || len(server.Tokens()) != 0 {
				t.Errorf("%s, %s: exit code = %d, %d tokens are left, want 130 and none", operation, name, code, len(server.Tokens()))
			}
		}
	}
}
