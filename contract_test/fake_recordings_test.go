package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// differences lists the recordings that the fake does not reproduce, by the end of their
// names, with the reason.
var differences = map[string]string{
	"/500_throttled.json":                     "observed once instead of 429; ServerError returns the code of the status",
	"/429_old_code.json":                      "an older code; RateLimited returns the one of today",
	"/400_documented_error.json":              "the cause is not documented",
	"/400_empty_source.json":                  "constructed without a cause",
	"/403_nulls.json":                         "constructed without a cause",
	"/403_documentation_url.json":             "the cause is not documented: the fake returns the code that was observed without the permission group",
	"/403_authentication_error.json":          "observed with 401 and with 403 for the same cause",
	"/403_invalid_token.json":                 "observed at another endpoint; here it is 401 with code 10000",
	"/400_malformed_credentials.json":         "observed at another endpoint with a global API key, which is not documented for these operations",
	"verifyToken/403_without_permission.json": "no permission group is needed (documented); the recording shows the form of the error",
}

// A credential is what a request authenticates with. It returns an Authorization header,
// or other headers.
var credentials = map[string]func(f *fake, family string) http.Header{
	"":          func(f *fake, _ string) http.Header { return bearer(f.Token) },
	"none":      func(*fake, string) http.Header { return http.Header{} },
	"malformed": func(*fake, string) http.Header { return bearer("malformed") },
	"malformed key": func(*fake, string) http.Header {
		return http.Header{"X-Auth-Email": {"malformed"}, "X-Auth-Key": {"malformed"}}
	},
	"unknown":       func(*fake, string) http.Header { return bearer(unusedValue) },
	"account token": func(f *fake, _ string) http.Header { return bearer(f.withGroup("Account API Tokens Write", ofAccount)) },
	"another address": func(f *fake, family string) http.Header {
		return bearer(f.store(family, map[string]any{"condition": map[string]any{"request_ip": map[string]any{"in": []string{"192.0.2.0/24"}}}}))
	},
	"without permission": func(f *fake, family string) http.Header { return bearer(f.withGroup(unrelatedGroup, family)) },
}

// unusedValue has the form of a token's value, but no token has it.
const unusedValue = "EXAMPLE-token_value_not_a_secret_0123456"

func bearer(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }

// TestFake_Recordings sends the request of every recording to the fake, with the
// credential and the tokens that it needs, and compares the status and, of a failure, the
// body.
func TestFake_Recordings(t *testing.T) {
	t.Parallel()
	v := strict(t)
	agree, all, differ := map[string]int{}, map[string]int{}, map[string]int{}
	for _, e := range recordings(t) {
		all[e.Source]++
		got := newFake(t, v).reproduce(e)
		diff := cmp.Diff(outcome(e), outcome(got))
		if diff == "" {
			agree[e.Source]++
			continue
		}
		reason := ""
		for end := range differences {
			if strings.HasSuffix(e.name, end) {
				reason = end
			}
		}
		if differ[reason]++; reason == "" {
			t.Errorf("%s: the fake responds with something else (-recorded +fake): correct the fake, or give the reason in differences in contract_test/fake_recordings_test.go:\n%s", e.name, diff)
		}
	}
	for _, end := range sorted(differences) {
		if differ[end] == 0 {
			t.Errorf("differences in contract_test/fake_recordings_test.go lists %q, which the fake reproduces: delete it", end)
		}
		t.Logf("%3d differ: %s (%s)", differ[end], end, differences[end])
	}
	for _, source := range sorted(all) {
		t.Logf("%3d of %3d recordings of source %s agree with the fake", agree[source], all[source], source)
	}
}

// outcome returns the status of a response and, if it is a failure, the body. Documented
// successes have meaningless errors.
func outcome(e *exchange) map[string]any {
	if e.Response.Status < 400 {
		return map[string]any{"status": e.Response.Status}
	}
	return map[string]any{"status": e.Response.Status, "body": e.envelope()}
}

// reproduce sends the request of a recording to the fake, after storing the tokens that it
// is about.
func (f *fake) reproduce(e *exchange) *exchange {
	f.t.Helper()
	op := operationByID(e.operation)
	family := familyOf(op)
	r := request{
		tokenID: e.param("{token_id}"), query: e.Request.Query, invalid: e.RequestRejected != "",
	}
	header := credentials[e.Request.Credential]
	if header == nil {
		f.t.Fatalf("%s: credential is %q, want one of %q", e.name, e.Request.Credential, sorted(credentials))
	}
	r.header = header(f, family)
	if account := e.param("{account_id}"); account != "" {
		for _, body := range []*json.RawMessage{&e.Request.Body, &e.Response.Body} {
			*body = bytes.ReplaceAll(*body, []byte(account), []byte(f.AccountID))
		}
	}
	if len(e.Request.Body) > 0 {
		r.body = e.Request.Body
	}
	for range e.Request.Existing {
		f.store(family, map[string]any{})
	}
	for _, token := range e.tokens() {
		if userOperation(op.ID) == "verifyToken" {
			token["value"], r.header = unusedValue, bearer(unusedValue)
		}
		f.store(family, token)
	}
	switch status := e.Response.Status; {
	case e.envelope()["error_code"] != nil: // of the edge, in front of the API
		f.Inject(cftokenstest.Fault{Status: status, Header: e.response().Header, Body: string(e.body())})
	case status == http.StatusTooManyRequests:
		f.Inject(cftokenstest.RateLimited(time.Minute))
	case status >= http.StatusInternalServerError:
		f.Inject(cftokenstest.ServerError(status))
	}
	return f.call(op, r)
}

// tokens returns the tokens that existed when the request was sent: those in the result,
// and the one whose ID is in the path.
func (e *exchange) tokens() (tokens []map[string]any) {
	switch userOperation(e.operation) {
	case "createToken", "listPermissionGroups":
		return nil
	case "listTokens":
		items, _ := e.result().([]any)
		for _, item := range items {
			tokens = append(tokens, item.(map[string]any))
		}
		return tokens
	}
	token, ok := e.result().(map[string]any)
	if id := e.param("{token_id}"); len(id) == 32 && e.Response.Status != http.StatusNotFound {
		if token == nil {
			token = map[string]any{}
		}
		token["id"], ok = id, true
	}
	if !ok {
		return nil
	}
	return []map[string]any{token}
}
