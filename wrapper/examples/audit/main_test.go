package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func start(t *testing.T, tokens ...string) *cftokenstest.Server {
	t.Helper()
	server := cftokenstest.NewServer(cftokenstest.WithClock(func() time.Time { return now }))
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	// The credential is listed too: make it one in which nothing is found.
	client, err := server.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	own, err := client.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	credential := `{"id":"` + own.ID + `","policies":[` +
		`{"effect":"allow","permission_groups":[{"id":"0cc3a61731504c89b99ec1be78b77aa0"}],"resources":{"com.cloudflare.api.user.*":"*"}},` +
		`{"effect":"allow","permission_groups":[{"id":"eb56a6953c034b9d97dd838155666f06"}],"resources":{"com.cloudflare.api.account.*":"*"}}],` +
		strings.Join([]string{strings.Replace(in, "192.0.2.0/24", "127.0.0.1", 1), expires, issued}, ",") + `}`
	for _, token := range append([]string{credential}, tokens...) {
		if _, err := server.PutToken([]byte(token)); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

const (
	id      = `"id":"ed17574386854bf78a67040be0a770b`
	in      = `"condition":{"request_ip":{"in":["192.0.2.0/24"]}}`
	expires = `"expires_on":"2026-12-31T23:59:59Z"`
	used    = `"last_used_on":"2026-05-31T00:00:00Z"`
	issued  = `"issued_on":"2025-01-01T00:00:00Z"`
)

var tokens = []string{
	`{` + id + `0","name":"fine",` + strings.Join([]string{in, expires, used, issued}, ",") + `}`,
	`{` + id + `1","name":"forever",` + strings.Join([]string{in, used, issued}, ",") + `}`,
	`{` + id + `2","name":"forgotten","last_used_on":"2026-02-01T00:00:00Z",` + strings.Join([]string{in, expires, issued}, ",") + `}`,
	`{` + id + `3","name":"never used",` + strings.Join([]string{in, expires, issued}, ",") + `}`,
	`{` + id + `4","name":"open",` + strings.Join([]string{expires, used, issued}, ",") + `}`,
	`{` + id + `5","name":"all of it",` + issued + `}`,
	`{` + id + `6","name":"disabled","status":"disabled",` + issued + `}`,
}

func TestRun_Table(t *testing.T) {
	start(t, tokens...)
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, io.Discard, now); !errors.Is(err, errFound) {
		t.Errorf("run() error = %v, want errFound", err)
	}
	want := `ID                                NAME        LAST USED   EXPIRES     REASONS
ed17574386854bf78a67040be0a770b1  forever     2026-05-31  never       never expires
ed17574386854bf78a67040be0a770b2  forgotten   2026-02-01  2026-12-31  unused
ed17574386854bf78a67040be0a770b3  never used  never       2026-12-31  unused
ed17574386854bf78a67040be0a770b4  open        2026-05-31  2026-12-31  open to every address
ed17574386854bf78a67040be0a770b5  all of it   never       never       never expires, unused, open to every address
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("run() printed (-want +got):\n%s", diff)
	}
}

func TestRun_JSON(t *testing.T) {
	start(t, tokens[0], tokens[3])
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-json"}, &out, io.Discard, now); !errors.Is(err, errFound) {
		t.Errorf("run() error = %v, want errFound", err)
	}
	want := `[
  {
    "id": "ed17574386854bf78a67040be0a770b3",
    "name": "never used",
    "last_used_on": null,
    "expires_on": "2026-12-31T23:59:59Z",
    "reasons": [
      "unused"
    ]
  }
]
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("run() printed (-want +got):\n%s", diff)
	}
}

// TestRun_ControlCharacters checks that a name cannot control the terminal.
func TestRun_ControlCharacters(t *testing.T) {
	start(t, `{"id":"ed17574386854bf78a67040be0a770b1","name":"a\u001b[2J\tb"}`)
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, io.Discard, now); !errors.Is(err, errFound) {
		t.Errorf("run() error = %v, want errFound", err)
	}
	if want := "  a\ufffd[2J\ufffdb  "; !strings.Contains(out.String(), want) {
		t.Errorf("run() printed %q, want it to contain %q", &out, want)
	}
}

// TestRun_Account checks that -account and CLOUDFLARE_ACCOUNT_ID set the account.
func TestRun_Account(t *testing.T) {
	server := start(t, tokens[1])
	if _, err := server.PutAccountToken([]byte(tokens[4])); err != nil {
		t.Fatal(err)
	}
	const ofUser, ofAccount = "ed17574386854bf78a67040be0a770b1", "ed17574386854bf78a67040be0a770b4"
	for _, tt := range []struct {
		name, env    string
		args         []string
		want, absent string
	}{
		{name: "user", want: ofUser, absent: ofAccount},
		{name: "flag", args: []string{"-account", server.AccountID}, want: ofAccount, absent: ofUser},
		{name: "environment", env: server.AccountID, want: ofAccount, absent: ofUser},
		{name: "flag overrides the environment", env: server.AccountID, args: []string{"-account", ""}, want: ofUser, absent: ofAccount},
	} {
		t.Setenv("CLOUDFLARE_ACCOUNT_ID", tt.env)
		var out bytes.Buffer
		if err := run(t.Context(), tt.args, &out, io.Discard, now); !errors.Is(err, errFound) {
			t.Errorf("%s: run() error = %v, want errFound", tt.name, err)
		}
		if !strings.Contains(out.String(), tt.want) || strings.Contains(out.String(), tt.absent) {
			t.Errorf("%s: run() printed\n%swant only token %s", tt.name, &out, tt.want)
		}
	}
}

func TestRun_NothingFound(t *testing.T) {
	start(t, tokens[0], tokens[3])
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-json", "-unused", "900d"}, &out, io.Discard, now); err != nil || out.String() != "[]\n" {
		t.Errorf("run() printed %q, error = %v; want an empty list", &out, err)
	}
}

func TestRun_Errors(t *testing.T) {
	server := start(t)
	server.Inject(cftokenstest.Fault{Operation: "listTokens", Status: 403, Body: "no"})
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"API", "HTTP 403", nil},
		{"argument", "unexpected argument", []string{"x"}},
		{"flag", "not defined", []string{"-x"}},
		{"account ID", "account ID", []string{"-account", "x"}},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard, now); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: run() error = %v, want it to contain %q", tt.name, err, tt.want)
		}
	}
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	if err := run(t.Context(), nil, io.Discard, io.Discard, now); err == nil || !strings.Contains(err.Error(), "CLOUDFLARE_API_TOKEN") {
		t.Errorf("no credential: run() error = %v, want it to name the variable", err)
	}
}

// terminal is a writer that reports that it is a character device.
type terminal struct{ bytes.Buffer }

func (*terminal) Stat() (os.FileInfo, error) { return device{}, nil }

type device struct{ os.FileInfo }

func (device) Mode() os.FileMode { return os.ModeDevice | os.ModeCharDevice }

func TestRun_Progress(t *testing.T) {
	server := start(t)
	for i := range 120 {
		if _, err := server.PutToken(fmt.Appendf(nil, `{"name":"%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	var screen terminal
	if err := run(t.Context(), nil, io.Discard, &screen, now); !errors.Is(err, errFound) {
		t.Errorf("run() error = %v, want errFound", err)
	}
	if want := "\raudit: 50 tokens read\raudit: 100 tokens read\r\x1b[K"; screen.String() != want {
		t.Errorf("run() wrote %q to a terminal, want %q", screen.String(), want)
	}
	var file bytes.Buffer
	if err := run(t.Context(), nil, io.Discard, &file, now); !errors.Is(err, errFound) || file.Len() != 0 {
		t.Errorf("run() wrote %q to a file, error = %v; want nothing, errFound", &file, err)
	}
}
