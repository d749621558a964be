package cftokens_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestErrorTexts checks the whole text of errors.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	const (
		tokens  = "/client/v4/user/tokens"
		ray     = " [cf-ray " + rayID + "]"
		unknown = "; outcome unknown: "
		created = "the token may have been created without its value being known; find it by name and delete it before creating it again"
		rolled  = "the old value may no longer work; roll again to get a usable one"
		notAPI  = "the response is not the API's, so check the base URL and proxies; "
	)
	for _, tt := range []struct {
		name, operation string
		replies         []responder
		want            string
	}{
		{name: "429 with Retry-After", operation: "getToken", replies: []responder{reply(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", "31")}, want: "cftokens: getToken: GET " + tokens + "/" + tokenID + ": HTTP 429 Too Many Requests: wait (971) (retry after 31s)" + ray},
		{name: "no connection", operation: "listTokens", replies: []responder{fail(errDial), fail(errDial)}, want: "cftokens: listTokens: GET /client/v4/user/tokens at api.cloudflare.com: no connection: dial tcp: connection refused (2 attempts)"},
		{name: "502, then connection lost", operation: "verifyToken", replies: []responder{reply(http.StatusBadGateway, ""), fail(errReset)}, want: "cftokens: verifyToken: GET /client/v4/user/tokens/verify at api.cloudflare.com: read tcp: connection reset by peer (2 attempts)"},
		{name: "no connection", operation: "createToken", replies: []responder{fail(errDial), fail(errDial)}, want: "cftokens: createToken: POST /client/v4/user/tokens at api.cloudflare.com: no connection: dial tcp: connection refused (2 attempts)"},
		{name: "connection lost", operation: "createToken", replies: []responder{fail(errReset)}, want: "cftokens: createToken: POST /client/v4/user/tokens at api.cloudflare.com: read tcp: connection reset by peer (1 attempt)" + unknown + created},
		{name: "502", operation: "createToken", replies: []responder{reply(http.StatusBadGateway, "<html>")}, want: "cftokens: createToken: POST " + tokens + ": HTTP 502 Bad Gateway" + ray + unknown + created},
		{name: "404 of a proxy", operation: "deleteToken", replies: []responder{reply(http.StatusNotFound, "no such page")}, want: "cftokens: deleteToken: DELETE " + tokens + "/" + tokenID + `: HTTP 404 Not Found: "no such page"` + ray + unknown + notAPI + "repeat the call"},
		{name: "truncated", operation: "rollToken", replies: []responder{truncated(`{`)}, want: "cftokens: rollToken: decoding response: HTTP 200: unexpected EOF" + ray + unknown + rolled},
		{name: "connection lost, then 401", operation: "deleteToken", replies: []responder{fail(errReset), reply(http.StatusUnauthorized, apiError("1000", "no"))}, want: "cftokens: deleteToken: DELETE " + tokens + "/" + tokenID + ": HTTP 401 Unauthorized: no (1000) (2 attempts)" + ray + unknown + "repeat the call"},
		{name: "302", operation: "updateToken", replies: []responder{reply(http.StatusFound, "", "Location", "https://other.example/?"+leak)}, want: "cftokens: updateToken: PUT " + tokens + "/" + tokenID + ": HTTP 302 Found: redirect to other.example not followed" + ray + unknown + notAPI + "repeat the call"},
	} {
		t.Run(tt.operation+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			policy := cftokens.RetryPolicy{MaxRetries: 1, MaxDelay: time.Second}
			err := everyCall[tt.operation](t, newClient(t, sequence(tt.replies...), cftokens.WithRetryPolicy(policy)))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%s error =\n%v, want\n%s", tt.operation, err, tt.want)
			}
		})
	}
}

func TestErrorTexts_Waiting(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		call  func(context.Context, *cftokens.Client) error
		first responder
		want  string
	}{
		"Get, 429": {
			func(ctx context.Context, c *cftokens.Client) error { _, err := c.Get(ctx, tokenID); return err },
			reply(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", "20"),
			"cftokens: getToken: context canceled while waiting to retry: last error: GET /client/v4/user/tokens/" + tokenID + ": HTTP 429 Too Many Requests: wait (971) (retry after 20s) [cf-ray " + rayID + "]",
		},
		"Delete, 503": {
			func(ctx context.Context, c *cftokens.Client) error { return c.Delete(ctx, tokenID) },
			reply(http.StatusServiceUnavailable, "", "Retry-After", "20"),
			"cftokens: deleteToken: context canceled while waiting to retry: last error: DELETE /client/v4/user/tokens/" + tokenID + ": HTTP 503 Service Unavailable (retry after 20s) [cf-ray " + rayID + "]; outcome unknown: repeat the call",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(time.Second, cancel)
				err := tt.call(ctx, newClient(t, sequence(tt.first), cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())))
				if err == nil || err.Error() != tt.want {
					t.Errorf("%s: error =\n%v, want\n%s", name, err, tt.want)
				}
			})
		})
	}
}
