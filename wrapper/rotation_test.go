package cftokens_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// rotation is a replacement of a token on the fake, in a synctest bubble.
type rotation struct {
	server *cftokenstest.Server
	client *cftokens.Client
	old    string // ID of the token to replace
	value  secret.Value
	used   secret.Value               // value passed to use, if it returned nil
	after  func(*http.Request)        // called after a request was sent, if not nil
	mangle func(*http.Response) error // changes a response, if not nil
}

const oldName = "deploy"

func newRotation(t *testing.T) *rotation {
	t.Helper()
	r := &rotation{server: cftokenstest.NewServer(cftokenstest.InMemory())}
	t.Cleanup(r.server.Close)
	transport := r.server.Client().Transport
	var err error
	if r.client, err = r.server.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := transport.RoundTrip(req)
		if err == nil && r.mangle != nil {
			err = r.mangle(resp)
		}
		if r.after != nil {
			r.after(req)
		}
		return resp, err
	})})); err != nil {
		t.Fatal(err)
	}
	if r.old, err = r.server.PutToken(json.RawMessage(`{"name":"` + oldName + `","policies":[` + policyJSON + `]}`)); err != nil {
		t.Fatal(err)
	}
	r.value, _ = r.server.Value(r.old)
	return r
}

// replace calls Replace with use, and checks its result.
func (r *rotation) replace(ctx context.Context, t *testing.T, use func(context.Context, *cftokens.CreatedToken) error) error {
	t.Helper()
	start := time.Now()
	created, err := r.client.Replace(ctx, r.old, nil, func(ctx context.Context, created *cftokens.CreatedToken) error {
		err := use(ctx, created)
		if err == nil {
			r.used = created.Value
		}
		return err
	})
	if took := time.Since(start); took > 15*time.Minute {
		t.Errorf("Replace() took %v, want at most 15m", took)
	}
	r.check(t, created, err)
	return err
}

// check checks that the caller has a value that works, that no token is left over, and that
// the error names the tokens that exist.
func (r *rotation) check(t *testing.T, created *cftokens.CreatedToken, err error) {
	t.Helper()
	var tokens []string
	works := false
	for _, token := range r.server.Tokens() {
		tokens = append(tokens, token.ID)
		value, _ := r.server.Value(token.ID)
		unchanged := token.ID == r.old && value.Equal(r.value)
		replaced := !r.used.IsZero() && value.Equal(r.used)
		works = works || unchanged || replaced
	}
	if !works {
		t.Errorf("Replace() error = %v; want a value that works, the old one or the one passed to use", err)
	}
	if used := !r.used.IsZero(); (created != nil) != used {
		t.Errorf("Replace() = %v, %v; want a token: %v, because use returned nil", created, err, used)
	}
	if created != nil && !created.Value.Equal(r.used) {
		t.Error("Replace() returned another value than it passed to use")
	}
	if err == nil {
		if created != nil && !slices.Equal(tokens, []string{created.ID}) {
			t.Errorf("tokens %v exist, want only %s", tokens, created.ID)
		}
		return
	}
	text := err.Error()
	if !strings.HasPrefix(text, "cftokens: replacement of token "+r.old+": ") {
		t.Errorf("Replace() error = %v, want it to begin with the operation and the old token", err)
	}
	checkNoLeak(t, "Replace()", err, r.server.Token, r.value.Reveal())
	if !r.used.IsZero() {
		checkNoLeak(t, "Replace()", err, r.used.Reveal())
	}
	for _, id := range tokens {
		states := []string{"new token " + id + " may still exist, delete it", "new token " + id + " still exists, delete it"}
		switch {
		case id == r.old && created != nil:
			states = []string{"old token " + id + " may still exist, delete it", "old token " + id + " still exists, delete it"}
		case id == r.old:
			states = []string{"old token " + id + " stays", "; no new token was created"}
		case created != nil:
			states = []string{"new token " + id + " is in use"}
		default:
			states = append(states, fmt.Sprintf("another token named %q may exist", oldName))
		}
		if !slices.ContainsFunc(states, func(state string) bool { return strings.Contains(text, state) }) {
			t.Errorf("Replace() error = %v; token %s exists, want one of %q", err, id, states)
		}
	}
	for _, state := range []string{"old token %s stays", "old token %s still exists", "new token %s is in use", "new token %s still exists"} {
		before, after, _ := strings.Cut(state, "%s")
		_, rest, ok := strings.Cut(text, before)
		if !ok || !strings.HasPrefix(rest[min(len(rest), 32):], after) {
			continue
		}
		if id := rest[:32]; !slices.Contains(tokens, id) {
			t.Errorf("Replace() error = %v; token %s does not exist", err, id)
		}
	}
}
