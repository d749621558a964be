package cftokens_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// accept is a use function that succeeds.
func accept(context.Context, *cftokens.CreatedToken) error { return nil }

// TestReplace_Copy checks what is copied from the old token, and the order of the requests,
// for users and accounts.
func TestReplace_Copy(t *testing.T) {
	t.Parallel()
	const times = `"not_before":"1999-01-01T00:00:00Z","expires_on":"2001-01-01T00:00:00Z"`
	const old = `{"name":"deploy","status":"active",` + times + `,"last_used_on":"1999-06-01T00:00:00Z",
		"condition":{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}},
		"policies":[{"id":"a1b2c3d4e5f60718293a4b5c6d7e8f90","effect":"allow","permission_groups":[{"id":"` + groupID + `","name":"Zone Read"}],"resources":{"` + zoneName + `":"*"}}]}`
	for _, tt := range []struct {
		name, want string // the body of the create
		change     func(*cftokens.TokenCreate) error
	}{
		{"everything", `{"name":"deploy",` + times + `,"condition":{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}},"policies":[` + policyJSON + `]}`, nil},
		{"changed", `{"name":"other","not_before":"1999-01-01T00:00:00Z","policies":[` + policyJSON + `]}`, func(create *cftokens.TokenCreate) error {
			create.Name, create.ExpiresOn, create.Condition = "other", nil, cftokens.Condition{}
			return nil
		}},
	} {
		for _, account := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, ", account: ", account), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newRotation(t)
					tokens, put, client := r.server.Tokens, r.server.PutToken, r.client
					prefix := "/client/v4/user/tokens"
					if account {
						tokens, put, prefix = r.server.AccountTokens, r.server.PutAccountToken, "/client/v4/accounts/"+r.server.AccountID+"/tokens"
						var err error
						if client, err = client.Account(r.server.AccountID); err != nil {
							t.Fatal(err)
						}
					}
					id, err := put(json.RawMessage(old))
					if err != nil {
						t.Fatal(err)
					}
					created, err := client.Replace(t.Context(), id, tt.change, func(ctx context.Context, _ *cftokens.CreatedToken) error {
						if _, err := client.Get(ctx, id); err != nil {
							t.Errorf("Get() of the old token in use: error = %v", err)
						}
						return nil
					})
					if err != nil {
						t.Fatalf("Replace() error = %v", err)
					}
					left := tokens()
					if created.ID == id {
						t.Errorf("Replace() = token %s, want a new one", created.ID)
					}
					if last := left[len(left)-1]; last.ID != created.ID {
						t.Errorf("Replace() = token %s, want %s, the newest", created.ID, last.ID)
					}
					if value, _ := r.server.Value(created.ID); !value.Equal(created.Value) {
						t.Error("Replace() returned another value than the server stores")
					}
					if _, ok := r.server.Value(id); ok {
						t.Errorf("the old token %s still exists", id)
					}
					var calls []string
					for _, req := range r.server.Requests() {
						calls = append(calls, req.Method+" "+strings.NewReplacer(id, "old", created.ID, "new").Replace(strings.TrimPrefix(req.Path, prefix)))
						if req.Method == http.MethodPost {
							if diff := cmp.Diff(object(t, tt.want), object(t, string(req.Body))); diff != "" {
								t.Errorf("body of the create (-want +got):\n%s", diff)
							}
						}
					}
					if diff := cmp.Diff([]string{"GET /old", "POST ", "GET /verify", "GET /old", "DELETE /old"}, calls); diff != "" {
						t.Errorf("requests (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestReplace_Rejected checks that nothing is created if the token cannot be copied, or if
// the API rejects the copy.
func TestReplace_Rejected(t *testing.T) {
	t.Parallel()
	errMine := errors.New("mine")
	token := func(properties string) string {
		return `{"name":"n","policies":[` + policyJSON + `],` + properties + `}`
	}
	for _, tt := range []struct {
		name, token, want string
		change            func(*cftokens.TokenCreate) error
		is                error
	}{
		{name: "disabled", token: token(`"status":"disabled"`), want: "its status is disabled"},
		{name: "expired", token: token(`"expires_on":"1999-01-01T00:00:00Z"`), want: "its status is expired"},
		{name: "revoked", token: token(`"status":"revoked (exposed)"`), want: "its status is revoked (exposed)"},
		{name: "unknown condition", token: token(`"condition":{"request_country":{"in":["DE"]}}`), is: cftokens.ErrLossyUpdate, want: "request_country"},
		{name: "allows no address", token: token(`"condition":{"request_ip":{"in":[]}}`), is: cftokens.ErrLossyUpdate, want: "condition.request_ip.in"},
		{name: "change fails", token: token(`"status":"active"`), change: func(*cftokens.TokenCreate) error { return errMine }, is: errMine, want: "mine"},
		{name: "manages tokens, by name", token: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"686d18d5ac6c441c867cbf6771e58a0a"}],"resources":{"com.cloudflare.api.user.*":"*"}}]}`, is: cftokens.ErrManagesTokens, want: "use Client.Roll"},
		{name: "manages tokens", token: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"686d18d5ac6c441c867cbf6771e58a0a"}],"resources":{"com.cloudflare.api.user.*":"*"}}]}`, is: cftokens.ErrBadRequest, want: "use Client.Roll"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRotation(t)
				id, err := r.server.PutToken(json.RawMessage(tt.token))
				if err != nil {
					t.Fatal(err)
				}
				created, err := r.client.Replace(t.Context(), id, tt.change, accept)
				if created != nil {
					t.Errorf("Replace() = %v, want nil", created)
				}
				checkError(t, "Replace()", err, tt.is, tt.want)
				checkError(t, "Replace()", err, nil, "; no new token was created")
				if n := len(r.server.Tokens()); n != 2 {
					t.Errorf("%d tokens exist, want 2", n)
				}
			})
		})
	}
	api := sequence()
	_, err := newClient(t, api).Replace(t.Context(), tokenID, nil, nil)
	checkError(t, "Replace() without use:", err, cftokens.ErrInvalidArgument, "use must not be nil")
	for _, id := range []string{"..", tokenValue} { // a value is easily taken for an ID
		_, err := newClient(t, api).Replace(t.Context(), id, nil, accept)
		checkError(t, "Replace() with an invalid ID:", err, cftokens.ErrInvalidArgument, "id ")
		checkNoLeak(t, "Replace() with an invalid ID:", err, id)
	}
	api.checkRequests(t, "Replace()", 0)
}

// TestReplace_NeverActive checks that a copy that is not valid now is deleted immediately.
func TestReplace_NeverActive(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want   string
		change func(*cftokens.TokenCreate, time.Time)
	}{
		{"status is expired", func(create *cftokens.TokenCreate, now time.Time) { create.ExpiresOn = &now }},
		{"not valid before", func(create *cftokens.TokenCreate, at time.Time) { create.NotBefore = &at }},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRotation(t)
			start := time.Now()
			created, err := r.client.Replace(t.Context(), r.old, func(create *cftokens.TokenCreate) error {
				at := start.Add(time.Hour)
				if tt.want == "status is expired" {
					at = start.Add(-time.Hour)
				}
				tt.change(create, at)
				return nil
			}, accept)
			r.check(t, created, err)
			checkError(t, "Replace()", err, nil, tt.want)
			checkError(t, "Replace()", err, nil, " was deleted")
			if took := time.Since(start); took != 0 {
				t.Errorf("Replace() took %v, want no wait", took)
			}
		})
	}
}
