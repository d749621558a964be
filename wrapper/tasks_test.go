package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// These tests perform typical tasks with the code that a user would write.

// TestTask_DNSToken creates a token for one network and a month, uses it, rolls it and
// deletes it.
func TestTask_DNSToken(t *testing.T) {
	t.Parallel()
	_, admin, _ := newFakeClients(t)
	ctx := t.Context()
	groups, err := admin.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write", "Zone Read")
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Now().AddDate(0, 1, 0)
	token, err := admin.Create(ctx, cftokens.TokenCreate{
		Name:      "dns",
		ExpiresOn: &expires,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24"}}},
		Policies: []cftokens.Policy{{
			Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: resource.Of(resource.Zone(zoneID)),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	old, err := admin.WithToken(token.Value.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	checkActive(t, old, token.ID)
	value, err := admin.Roll(ctx, token.ID)
	if err != nil {
		t.Fatal(err)
	}
	rolled, err := admin.WithToken(value.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	checkActive(t, rolled, token.ID)
	_, err = old.Verify(ctx)
	checkError(t, "Verify() with the old value:", err, cftokens.ErrUnauthorized, "")
	if err := admin.Delete(ctx, token.ID); err != nil {
		t.Fatal(err)
	}
}

// audit returns the problems of active tokens.
func audit(ctx context.Context, client *cftokens.Client, now time.Time) (findings []string, err error) {
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if token.Status != cftokens.TokenStatusActive {
			continue
		}
		switch {
		case token.ExpiresOn == nil:
			findings = append(findings, token.Name+" never expires")
		case token.ExpiresOn.Before(now.AddDate(0, 0, 14)):
			findings = append(findings, token.Name+" expires soon")
		}
		if token.LastUsedOn == nil || token.LastUsedOn.Before(now.AddDate(0, -3, 0)) {
			findings = append(findings, token.Name+" is unused")
		}
		if ips := token.Condition.RequestIP; len(ips.In) == 0 && len(ips.NotIn) == 0 {
			findings = append(findings, token.Name+" can be used from anywhere")
		}
	}
	return findings, nil
}

func TestTask_Audit(t *testing.T) {
	t.Parallel()
	server, _, client := newFakeClients(t)
	now := time.Now().UTC().Truncate(time.Second)
	at := func(days int) string { return now.AddDate(0, 0, days).Format(time.RFC3339) }
	for _, token := range []string{
		`{"name":"good","expires_on":"` + at(60) + `","last_used_on":"` + at(-1) + `","condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`,
		`{"name":"bad"}`,
		`{"name":"old","expires_on":"` + at(7) + `","last_used_on":"` + at(-100) + `","condition":{"request_ip":{"not_in":["192.0.2.1"]}}}`,
		`{"name":"disabled","status":"disabled"}`,
	} {
		if _, err := server.PutAccountToken([]byte(token)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audit(t.Context(), client, now)
	want := []string{"bad never expires", "bad is unused", "bad can be used from anywhere", "old expires soon", "old is unused"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("audit() error = %v (-want +got):\n%s", err, diff)
	}
}

// TestTask_UnitTests tests createRecovered as a user would.
func TestTask_UnitTests(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cftokenstest.Fault{
		"rate limited":  cftokenstest.RateLimited(0),
		"lost response": {Operation: "createToken", DropAfter: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer()
			defer server.Close()
			client, err := server.NewClient(cftokens.WithRetryPolicy(retries(1)))
			if err != nil {
				t.Fatal(err)
			}
			server.Inject(fault)
			token, err := createRecovered(t.Context(), client, tokenCreate())
			if err != nil {
				t.Fatal(err)
			}
			if left := server.Tokens(); len(left) != 1 || left[0].ID != token.ID {
				t.Errorf("%d tokens are left, want only the new one", len(left))
			}
		})
	}
}

// advice returns what to do about an error of Create.
func advice(err error) string {
	var apiErr *cftokens.APIError
	switch {
	case errors.Is(err, cftokens.ErrTokenLimit):
		return "delete a token first"
	case errors.As(err, &apiErr) && errors.Is(err, cftokens.ErrRateLimited):
		return fmt.Sprintf("retry in %v", apiErr.RetryAfter)
	case errors.Is(err, cftokens.ErrForbidden):
		return "use a token with the permission group API Tokens Write"
	}
	return "report this"
}

func TestTask_Errors(t *testing.T) {
	t.Parallel()
	server, client, _ := newFakeClients(t)
	reader, err := client.Create(t.Context(), tokenCreate())
	if err != nil {
		t.Fatal(err)
	}
	denied, err := client.WithToken(reader.Value.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	server.Inject(cftokenstest.RateLimited(5 * time.Minute))
	server.Inject(cftokenstest.TokenLimitReached())
	for _, call := range []struct {
		client *cftokens.Client
		want   string
	}{
		{client, "retry in 5m0s"},
		{client, "delete a token first"},
		{denied, "use a token with the permission group API Tokens Write"},
	} {
		_, err := call.client.Create(t.Context(), tokenCreate())
		if got := advice(err); got != call.want {
			t.Errorf("advice(%v) = %q, want %q", err, got, call.want)
		}
	}
}
