package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const (
	zone    = "eb78d65290b24279ba6f44721b3ea3c4"
	account = "00112233445566778899aabbccddeeff"
)

func start(t *testing.T) *cftokenstest.Server {
	t.Helper()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	return server
}

func TestIssue(t *testing.T) {
	server := start(t)
	var out, notes bytes.Buffer
	err := run(t.Context(), []string{
		"-name", "ci", "-zone", zone, "-group", "zone:DNS Write", "-group", "zone:Zone Read",
		"-on-account", account, "-group", "account:Workers Scripts Read", "-ip", "192.0.2.0/24", "-ip", "2001:db8::1", "-expires", "1d",
	}, &out, &notes)
	if err != nil {
		t.Fatal(err)
	}
	tokens := server.Tokens()
	if len(tokens) != 1 {
		t.Fatalf("%d tokens exist, want 1", len(tokens))
	}
	token := tokens[0]
	value, _ := server.Value(token.ID)
	if want := value.Reveal() + "\n"; out.String() != want {
		t.Errorf("standard output = %q, want only the value", &out)
	}
	if strings.Contains(notes.String(), value.Reveal()) {
		t.Errorf("standard error = %q, want it without the value", &notes)
	}
	want := []cftokens.Policy{
		{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "4755a26eedb94da69e1066d98aa820be"}, {ID: "c8fed203ed3043cba015a93ad1616f1f"}},
			Resources:        resource.Of(resource.Zone(zone)),
		},
		{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "1a71c399035b4950a1bd1466bbe4f420"}},
			Resources:        resource.Of(resource.Account(account)),
		},
	}
	if token.Name != "ci" {
		t.Errorf("name = %q, want ci", token.Name)
	}
	if !cftokens.SamePolicies(want, token.Policies) {
		t.Errorf("policies (-want +got):\n%s", cmp.Diff(want, token.Policies))
	}
	if diff := cmp.Diff([]string{"192.0.2.0/24", "2001:db8::1"}, token.Condition.RequestIP.In); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if left := time.Until(*token.ExpiresOn); left < 23*time.Hour || left > 24*time.Hour {
		t.Errorf("the token expires in %v, want 24h", left)
	}
}

// TestIssue_Account checks that -account and CLOUDFLARE_ACCOUNT_ID set the account, which
// account groups are granted on by default.
func TestIssue_Account(t *testing.T) {
	server := start(t)
	for _, tt := range []struct {
		name, env string
		args      []string
	}{
		{"flag", "", []string{"-account", server.AccountID}},
		{"environment", server.AccountID, nil},
		{"resource named", server.AccountID, []string{"-on-account", server.AccountID}},
	} {
		t.Setenv("CLOUDFLARE_ACCOUNT_ID", tt.env)
		var out bytes.Buffer
		if err := run(t.Context(), append(tt.args, "-name", tt.name, "-group", "account:Workers Scripts Read"), &out, io.Discard); err != nil {
			t.Fatalf("%s: run() error = %v", tt.name, err)
		}
		tokens := server.AccountTokens()
		token := tokens[len(tokens)-1]
		value, _ := server.Value(token.ID)
		if token.Name != tt.name || out.String() != value.Reveal()+"\n" {
			t.Errorf("%s: run() printed %q for token %+v, want only its value", tt.name, &out, token)
		}
		want := []cftokens.Policy{{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "1a71c399035b4950a1bd1466bbe4f420"}},
			Resources:        resource.Of(resource.Account(server.AccountID)),
		}}
		if !cftokens.SamePolicies(want, token.Policies) {
			t.Errorf("%s: policies (-want +got):\n%s", tt.name, cmp.Diff(want, token.Policies))
		}
	}
	// Zone groups alone need no account resource.
	if err := run(t.Context(), []string{"-account", server.AccountID, "-name", "n", "-zone", zone, "-group", "zone:Zone Read"}, io.Discard, io.Discard); err != nil {
		t.Errorf("zone group: run() error = %v", err)
	}
	if n := len(server.Tokens()); n != 0 {
		t.Errorf("%d user tokens were created, want none", n)
	}
	// A token whose value could not be written is deleted, even if it is an account token.
	before := len(server.AccountTokens())
	if err := run(t.Context(), []string{"-account", server.AccountID, "-name", "n", "-zone", zone, "-group", "zone:Zone Read"}, closedPipe{}, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("closed pipe: run() error = %v, want io.ErrClosedPipe", err)
	}
	if n := len(server.AccountTokens()); n != before {
		t.Errorf("%d account tokens exist, want %d", n, before)
	}
}

// TestIssue_Worker checks a token for a single Worker.
func TestIssue_Worker(t *testing.T) {
	server := start(t)
	const tag = "9b0e1d2c3f4a45b6a7c8d9e0f1a2b3c4"
	args := []string{"-account", server.AccountID, "-name", "deploy", "-worker", tag, "-group", "worker:Individual Workers Editor"}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	got := server.AccountTokens()[0].Policies
	want := resource.Of(resource.Worker(server.AccountID, tag))
	if len(got) != 1 || got[0].PermissionGroups[0].Name != "Individual Workers Editor" || !maps.EqualFunc(want, got[0].Resources, resource.Value.Equal) {
		t.Errorf("policies = %+v, want Individual Workers Editor on %v", got, want)
	}
}

// TestIssue_JSON checks the whole object, including the value.
func TestIssue_JSON(t *testing.T) {
	server := start(t)
	for _, tt := range []struct {
		name    string
		args    []string
		expires string
	}{
		{"expires", []string{"-expires", "30d"}, `"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"`},
		{"does not expire", nil, "null"},
	} {
		var out, notes bytes.Buffer
		if err := run(t.Context(), append(tt.args, "-json", "-name", "ci", "-zone", zone, "-group", "zone:Zone Read"), &out, &notes); err != nil {
			t.Fatalf("%s: run() error = %v", tt.name, err)
		}
		tokens := server.Tokens()
		id := tokens[len(tokens)-1].ID
		value, _ := server.Value(id)
		want := `^{"id":"` + id + `","name":"ci","status":"active","expires_on":` + tt.expires + `,"value":"` + value.Reveal() + `"}\n$`
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("%s: standard output = %s, want %s", tt.name, &out, want)
		}
		if strings.Contains(notes.String(), value.Reveal()) {
			t.Errorf("%s: standard error = %q, want it without the value", tt.name, &notes)
		}
	}
}

// TestIssue_Undecodable checks that no token is left if a create fails although its value
// arrived, even if its ID did not.
func TestIssue_Undecodable(t *testing.T) {
	server := start(t)
	for _, withID := range []bool{true, false} {
		id, err := server.PutToken([]byte(`{"name":"created"}`))
		if err != nil {
			t.Fatal(err)
		}
		value, _ := server.Value(id)
		result := `"value":"` + value.Reveal() + `","name":1`
		if withID {
			result += `,"id":"` + id + `"`
		}
		server.Inject(cftokenstest.Fault{Operation: "createToken", Body: `{"success":true,"errors":[],"messages":[],"result":{` + result + `}}`})
		var out bytes.Buffer
		var decodeErr *cftokens.DecodeError
		err = run(t.Context(), []string{"-name", "ci", "-zone", zone, "-group", "zone:Zone Read"}, &out, io.Discard)
		if !errors.As(err, &decodeErr) {
			t.Fatalf("ID: %v: run() error = %v, want a *DecodeError", withID, err)
		}
		if want := "token " + id + " (ci) was created and deleted again"; !strings.Contains(err.Error(), want) {
			t.Errorf("ID: %v: run() error = %v, want it to contain %q", withID, err, want)
		}
		if out.Len() != 0 {
			t.Errorf("ID: %v: run() printed %q, want nothing", withID, &out)
		}
		if n := len(server.Tokens()); n != 0 {
			t.Errorf("ID: %v: %d tokens are left, want none", withID, n)
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestIssue_ClosedOutput(t *testing.T) {
	server := start(t)
	err := run(t.Context(), []string{"-name", "ci", "-zone", zone, "-group", "zone:Zone Read"}, closedPipe{}, io.Discard)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("run() error = %v, want io.ErrClosedPipe", err)
	}
	if n := len(server.Tokens()); n != 0 {
		t.Errorf("%d tokens are left, want none", n)
	}
}

// TestIssue_NotActive checks that a value that does not work is printed too.
func TestIssue_NotActive(t *testing.T) {
	server := start(t)
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Status: 400, Body: "no"})
	var out bytes.Buffer
	err := run(t.Context(), []string{"-name", "ci", "-zone", zone, "-group", "zone:Zone Read"}, &out, io.Discard)
	if !errors.Is(err, cftokens.ErrBadRequest) {
		t.Errorf("run() error = %v, want ErrBadRequest of the verify", err)
	}
	if value, _ := server.Value(server.Tokens()[0].ID); out.String() != value.Reveal()+"\n" {
		t.Errorf("run() printed %q, want only the value", &out)
	}
}
