package cftokens_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestReplace_ValueWithError checks that a value that a create returned with an error is
// used, and that nothing is deleted if it does not work.
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
					checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, "may ")
					if n := count(r.server, "deleteToken"); n > 0 {
						t.Errorf("Replace() sent %d deletes, want none: the ID comes from a damaged response", n)
					}
				})
			})
		}
	}
}

// TestReplace_Lost checks that Replace deletes nothing if the create response was lost,
// and lists the tokens that may be the copy.
func TestReplace_Lost(t *testing.T) {
	t.Parallel()
	const (
		same   = `{"name":"deploy","policies":[` + policyJSON + `]}`
		older  = `{"name":"deploy","issued_on":"1999-12-31T23:54:00Z","policies":[` + policyJSON + `]}`
		recent = `{"name":"deploy","issued_on":"1999-12-31T23:56:00Z","policies":[` + policyJSON + `]}`
	)
	for _, tt := range []struct {
		name, other     string // another token, of another process
		applied, cancel bool
		noList          bool
		candidates      int
		want            string
	}{
		{name: "applied", applied: true, candidates: 1, want: "; delete the one whose value is not in use"},
		{name: "applied, canceled", applied: true, cancel: true, candidates: 1},
		{name: "applied, list fails", applied: true, noList: true, want: "find it by name"},
		{name: "not applied", want: "find it by name and delete it"},
		{name: "token of another process, applied", other: same, applied: true, candidates: 2},
		{name: "token of another process, not applied", other: same, candidates: 1},
		{name: "older token, applied", other: older, applied: true, candidates: 1},
		{name: "token within the clock skew", other: recent, candidates: 1},
		{name: "another name", other: strings.Replace(same, "deploy", "other", 1), applied: true, candidates: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock is at midnight of 2000-01-01
				r := newRotation(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.other != "" {
					if _, err := r.server.PutToken(json.RawMessage(tt.other)); err != nil {
						t.Fatal(err)
					}
				}
				r.after = func(req *http.Request) {
					if req.Method == http.MethodPost && tt.cancel {
						cancel()
					}
				}
				if tt.noList {
					r.server.Inject(cftokenstest.Fault{Operation: "listTokens", Times: 10, Status: 500})
				}
				before := len(r.server.Tokens())
				r.server.Inject(cftokenstest.Fault{Operation: "createToken", DropBefore: !tt.applied, DropAfter: tt.applied})
				created, err := r.client.Replace(ctx, r.old, nil, accept)
				if created != nil {
					t.Errorf("Replace() = %v, want nil", created)
				}
				checkError(t, "Replace()", err, cftokens.ErrOutcomeUnknown, tt.want)
				if n := count(r.server, "deleteToken"); n > 0 {
					t.Errorf("Replace() sent %d deletes, want none", n)
				}
				got := asError[*cftokens.ReplaceError](t, "Replace()", err)
				if got.OldID != r.old || got.NewID != "" || len(got.Candidates) != tt.candidates {
					t.Errorf("Replace() error = %+v, want %d candidates and no new ID", got, tt.candidates)
				}
				tokens := r.server.Tokens()
				if want := before + map[bool]int{true: 1}[tt.applied]; len(tokens) != want {
					t.Fatalf("%d tokens exist, want %d", len(tokens), want)
				}
				if newest := tokens[len(tokens)-1].ID; tt.applied && tt.candidates > 0 && !slices.Contains(got.Candidates, newest) {
					t.Errorf("Replace() error has the candidates %v, want them to include the copy, %s", got.Candidates, newest)
				}
				checkError(t, "Replace()", err, nil, strings.Join(got.Candidates, ", "))
			})
		})
	}
}
