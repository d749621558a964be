package cftokens_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestReplace_ValueWithError checks that a value that Create returned with an error is used,
// or its token deleted, even if the response had no ID.
func TestReplace_ValueWithError(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`"id":"[0-9a-f]{32}","name"`)
	replace := func(old, with string) func(string) string {
		return func(body string) string { return strings.Replace(body, old, with, 1) }
	}
	withoutID := func(body string) string { return id.ReplaceAllString(body, `"name"`) }
	for name, mangle := range map[string]func(string) string{
		"success is a number":            replace(`"success":true`, `"success":7`),
		"success is false":               replace(`"success":true`, `"success":false`),
		"no ID":                          withoutID,
		"no ID, and success is a number": func(body string) string { return replace(`"success":true`, `"success":7`)(withoutID(body)) },
		"truncated after the value":      func(body string) string { return body[:len(body)-20] },
		"truncated after it, without ID": func(body string) string { return withoutID(body)[:len(withoutID(body))-20] },
	} {
		for _, fault := range []cftokenstest.Fault{
			{},
			{Operation: "verifyToken", Times: 1000, Status: 401, Body: apiError("1000", "Invalid API Token")},
			{Operation: "verifyToken", Status: 400, Body: apiError("1001", "no")},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRotation(t)
					r.mangle = func(resp *http.Response) error {
						if resp.Request.Method != http.MethodPost {
							return nil
						}
						body, err := io.ReadAll(resp.Body)
						_ = resp.Body.Close()
						resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(mangle(string(body)))), -1
						return err
					}
					if fault.Operation != "" {
						r.server.Inject(fault)
					}
					err := r.replace(t.Context(), t, accept)
					if want := fault.Operation != ""; (err != nil) != want {
						t.Errorf("Replace() error = %v, want an error: %v", err, want)
					}
					if err == nil {
						return
					}
					checkError(t, "Replace()", err, nil, " was deleted")
					if name != "no ID" {
						checkError(t, "Replace()", err, nil, "; createToken: ")
					}
				})
			})
		}
	}
}

// TestReplace_Lost checks how Replace finds a token whose create response was lost. It
// must not delete another token.
func TestReplace_Lost(t *testing.T) {
	t.Parallel()
	expire := func(create *cftokens.TokenCreate) error {
		past := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
		create.ExpiresOn = &past
		return nil
	}
	renew := func(create *cftokens.TokenCreate) error {
		expires := time.Now().Add(time.Hour + time.Millisecond) // sent in whole seconds
		create.ExpiresOn = &expires
		return nil
	}
	const same = `"name":"deploy","policies":[` + policyJSON + `]`
	for _, tt := range []struct {
		name, before, meanwhile string // other tokens
		applied, cancel         bool
		change                  func(*cftokens.TokenCreate) error
		want                    string
		unknown                 bool
		left                    int
	}{
		{name: "applied", applied: true, want: " was deleted", left: 1},
		{name: "applied, expired", change: expire, applied: true, want: " was deleted", left: 1},
		{name: "applied, canceled", cancel: true, applied: true, want: " was deleted", left: 1},
		{name: "not applied", want: "was not found", unknown: true, left: 1},
		{name: "older token, applied", before: `{` + same + `}`, applied: true, want: " was deleted", left: 2},
		{name: "older token, not applied", before: `{` + same + `}`, want: "was not found", unknown: true, left: 2},
		{name: "older expired token, not applied", before: `{"status":"expired",` + same + `}`, want: "was not found", unknown: true, left: 2},
		{name: "another name", meanwhile: `{"name":"other","policies":[` + policyJSON + `]}`, applied: true, want: " was deleted", left: 2},
		{name: "other policies", meanwhile: `{"name":"deploy"}`, applied: true, want: " was deleted", left: 2},
		{name: "in use", meanwhile: `{"last_used_on":"2000-01-01T00:00:00Z",` + same + `}`, applied: true, want: " was deleted", left: 2},
		{name: "in use, not applied", meanwhile: `{"last_used_on":"2000-01-01T00:00:00Z",` + same + `}`, want: "was not found", unknown: true, left: 2},
		{name: "another expiry", meanwhile: `{"expires_on":"2001-01-01T00:00:00Z",` + same + `}`, want: "was not found", unknown: true, left: 2},
		{name: "another expiry, changed", change: renew, meanwhile: `{` + same + `}`, want: "was not found", unknown: true, left: 2},
		{name: "expiry with a fraction, applied", change: renew, applied: true, want: " was deleted", left: 1},
		{name: "identical token", meanwhile: `{` + same + `}`, applied: true, want: "one of the new tokens", unknown: true, left: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRotation(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				put := func(token string) {
					if _, err := r.server.PutToken(json.RawMessage(token)); err != nil {
						t.Error(err)
					}
				}
				if tt.before != "" {
					put(tt.before)
				}
				r.after = func(req *http.Request) {
					if req.Method == http.MethodPost && tt.meanwhile != "" {
						put(tt.meanwhile)
					}
					if req.Method == http.MethodPost && tt.cancel {
						cancel()
					}
				}
				r.server.Inject(cftokenstest.Fault{Operation: "createToken", DropBefore: !tt.applied, DropAfter: tt.applied})
				created, err := r.client.Replace(ctx, r.old, tt.change, accept)
				if created != nil {
					t.Errorf("Replace() = %v, want nil", created)
				}
				checkError(t, "Replace()", err, nil, tt.want)
				checkUnknown(t, "Replace()", err, tt.unknown)
				tokens := r.server.Tokens()
				if len(tokens) != tt.left {
					t.Fatalf("%d tokens exist, want %d", len(tokens), tt.left)
				}
				if tt.left == 3 {
					checkError(t, "Replace()", err, nil, tokens[1].ID)
					checkError(t, "Replace()", err, nil, tokens[2].ID)
				}
			})
		})
	}
}

// TestReplace_LostOldToken checks that Replace never takes the old token for the new one,
// even if its first list lacked it: the API uses page numbers, so a list can miss a token
// while others are deleted.
func TestReplace_LostOldToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRotation(t)
		r.server.Inject(cftokenstest.Fault{Operation: "listTokens", Body: success("[]")})
		r.server.Inject(cftokenstest.Fault{Operation: "createToken", DropBefore: true})
		err := r.replace(t.Context(), t, accept)
		checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, "was not found")
	})
}
