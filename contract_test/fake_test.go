package contract_test

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/internal/strict"
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

// A credential is what a request authenticates with: an Authorization header, or other
// headers.
var credentials = map[string]func(f *fake) http.Header{
	"":          func(f *fake) http.Header { return bearer(f.Token) },
	"none":      func(*fake) http.Header { return http.Header{} },
	"malformed": func(*fake) http.Header { return bearer("malformed") },
	"malformed key": func(*fake) http.Header {
		return http.Header{"X-Auth-Email": {"malformed"}, "X-Auth-Key": {"malformed"}}
	},
	"unknown":            func(*fake) http.Header { return bearer(unusedValue) },
	"without permission": func(f *fake) http.Header { return bearer(f.store(f.put, `{}`)) },
	"another address": func(f *fake) http.Header {
		return bearer(f.store(f.put, `{"condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`))
	},
	"account token": func(f *fake) http.Header { // with "Account API Tokens Write"
		return bearer(f.store(f.PutAccountToken, `{"policies":[{"id":"1","effect":"allow","permission_groups":[{"id":"5bc3f8b21c554832afc660159ab75fa4"}],`+
			`"resources":{"com.cloudflare.api.account.`+f.AccountID+`":"*"}}]}`))
	},
}

// unusedValue has the form of a token's value, but no token has it.
const unusedValue = "EXAMPLE-token_value_not_a_secret_0123456"

func bearer(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }

// fake is a cftokenstest server to which the requests of recordings are sent.
type fake struct {
	*cftokenstest.Server

	t    *testing.T
	wire *wire
	put  func(json.RawMessage) (id string, err error) // stores a token of the user or the account
}

// newFake starts a server with the account that e is about, or that of the document's
// examples. Its clock is set so that the token in the examples is valid.
func newFake(t *testing.T, e *exchange) *fake {
	t.Helper()
	account := e.param("account_id")
	example, _ := document().Components.Parameters["AccountID"].Value.Example.(string)
	server := cftokenstest.NewServer(cftokenstest.WithAccountID(cmp.Or(account, example)),
		cftokenstest.WithClock(func() time.Time { return time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC) }))
	t.Cleanup(server.Close)
	f := &fake{server, t, &wire{next: &http.Transport{}}, server.PutToken}
	if account != "" {
		f.put = server.PutAccountToken
	}
	return f
}

// TestFake_Recordings sends the request of every recording to the fake, with the
// credential and the tokens that it needs, and compares the status and, of a failure, the
// body. A token must have what was sent, in the response and when it is read again.
func TestFake_Recordings(t *testing.T) {
	t.Parallel()
	agree, all, differ, sent := map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}
	for _, e := range recordings(t) {
		all[e.Source]++
		f := newFake(t, e)
		got := f.reproduce(e)
		diff := gocmp.Diff(outcome(e), outcome(got))
		if op := document().Operations[e.operation]; diff == "" && op.RequestBody != nil && got.Response.Status == http.StatusOK {
			f.checkReturned(e, got)
			strict.Cover(e.Request.Body, strict.Request(op), func(property string) { sent[property] = true })
		}
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
			t.Errorf("%s: the fake responds with something else (-recorded +fake): correct the fake, or give the reason in differences in contract_test/fake_test.go:\n%s", e.name, diff)
		}
	}
	covered := len(document().uncovered(t)) == 0 // otherwise, TestCoverage says what is to be added first
	for p := range document().places() {
		if covered && p.side == "request" && p.operation == "" && !sent[p.property] {
			t.Errorf("no recording with status 200 sends %s: add it to one, so that the fake is checked to return it", p.property)
		}
	}
	for _, end := range strict.Sorted(differences) {
		if differ[end] == 0 {
			t.Errorf("differences in contract_test/fake_test.go lists %q, which the fake reproduces: delete it", end)
		}
		t.Logf("%3d differ: %s (%s)", differ[end], end, differences[end])
	}
	for _, source := range strict.Sorted(all) {
		t.Logf("%3d of %3d recordings of source %s agree with the fake", agree[source], all[source], source)
	}
}

// neverRejected lists the constraints on requests that the fake does not enforce, with the
// reason.
var neverRejected = map[string]string{
	"GroupPerPage: type":                       ignoredPaging,
	"GroupPerPage: minimum":                    ignoredPaging,
	"PermissionGroupMeta: readOnly":            "whether the API rejects or ignores the attributes is not known",
	"PermissionGroupRef.name: readOnly":        "whether the API rejects or ignores the name is not known",
	"PermissionGroupRef: additionalProperties": unknownProperties,
	"Policy: additionalProperties":             unknownProperties,
	"RollBody: required body":                  "whether the API rejects a roll without a body is not known",
	"RollRequest: additionalProperties":        unknownProperties,
	"Scope: enum":                              "other scopes are possible, and a filter without matches returns an empty list (observed)",
	"TokenCreate.expires_on: not null":         "whether the API rejects null in a create is not known",
	"TokenCreate.not_before: not null":         "whether the API rejects null in a create is not known",
	"TokenCreate: additionalProperties":        unknownProperties,
	"TokenUpdate: additionalProperties":        unknownProperties,
}

const (
	ignoredPaging     = "an account returns all permission groups in one response, whatever page is requested (observed)"
	unknownProperties = "whether the API rejects unknown properties is not known"
)

// TestFake_Rejects sends the request of every entry of testdata/rejected.json to the fake, which
// must reject what the document does not allow.
func TestFake_Rejects(t *testing.T) {
	t.Parallel()
	rejected, byName := loadRejected(t), byName(recordings(t))
	used, sent := map[string]bool{}, 0
	for _, about := range strict.Sorted(rejected) {
		r := rejected[about]
		if r.Request == nil && r.Query == nil && !r.NoBody {
			continue // about a response, a path or the credential
		}
		e, err := r.exchange(byName)
		if err != nil {
			t.Fatal(err)
		}
		sent++
		got := newFake(t, e).reproduce(e)
		if got.Response.Status == http.StatusBadRequest {
			continue
		}
		if used[about] = true; neverRejected[about] == "" {
			t.Errorf("the fake does not enforce the constraint %q (%s): make wrapper/cftokenstest reject the request, or add the constraint to neverRejected in contract_test/fake_test.go with the reason", about, got.failure())
		}
	}
	for _, about := range strict.Sorted(neverRejected) {
		if !used[about] {
			t.Errorf("neverRejected in contract_test/fake_test.go lists %q, which the fake enforces: delete it", about)
		}
	}
	t.Logf("%d requests sent that openapi.yaml does not allow", sent)
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
	newHeader := credentials[e.Request.Credential]
	if newHeader == nil {
		f.t.Fatalf("%s: credential is %q, want one of %q", e.name, e.Request.Credential, strict.Sorted(credentials))
	}
	header := newHeader(f)
	for range e.Request.Existing {
		f.store(f.put, `{}`)
	}
	for _, token := range e.tokens() {
		if userOperation(e.operation) == "verifyToken" {
			token["value"], header = unusedValue, bearer(unusedValue)
		}
		f.store(f.put, jsonText(token))
	}
	switch status := e.Response.Status; {
	case e.envelope()["error_code"] != nil: // of the edge, in front of the API
		f.Inject(cftokenstest.Fault{Status: status, Header: e.response().Header, Body: string(e.body())})
	case status == http.StatusTooManyRequests:
		f.Inject(cftokenstest.RateLimited(time.Minute))
	case status >= http.StatusInternalServerError:
		f.Inject(cftokenstest.ServerError(status))
	}
	return f.send(e, header)
}

// send sends the request of e, and checks the response.
func (f *fake) send(e *exchange, header http.Header) *exchange {
	f.t.Helper()
	req := e.request()
	req.Header.Del("Authorization")
	maps.Copy(req.Header, header)
	var err error
	if req.URL, err = url.Parse(f.URL + strings.TrimPrefix(req.URL.String(), baseURL)); err != nil {
		f.t.Fatal(err)
	}
	resp, err := f.wire.RoundTrip(req.WithContext(f.t.Context()))
	if err != nil {
		f.t.Fatalf("%s: the fake does not respond: %v: see handlers in wrapper/cftokenstest/routes.go", e.operation, err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	got := f.wire.exchanges[len(f.wire.exchanges)-1]
	if _, violations := document().check(got); len(violations) > 0 {
		f.t.Errorf("%s: openapi.yaml rejects the response of the fake: %s", e.name, violations)
	}
	return got
}

// checkReturned checks that the token that e created or updated has what was sent, in the
// response and when it is read again.
func (f *fake) checkReturned(e, got *exchange) {
	f.t.Helper()
	result, ok := got.result().(map[string]any)
	if !ok {
		return // the value of a roll
	}
	id, _ := result["id"].(string)
	again := &exchange{operation: strings.NewReplacer("create", "get", "update", "get").Replace(e.operation)}
	again.Request.Method = http.MethodGet
	again.Request.Path = strings.NewReplacer("{account_id}", f.AccountID, "{token_id}", id).Replace(operationByID(again.operation).Path)
	for _, returned := range []*exchange{got, f.send(again, bearer(f.Token))} {
		if places := lost(e.operation, mustDecode(f.t, got.Request.Body), returned.result(), false); len(places) > 0 {
			f.t.Errorf("%s: the fake does not return %q in the response to %s: make wrapper/cftokenstest read and return it (see tokens.go and policies.go there)", e.name, places, returned.operation)
			return
		}
	}
}

// store stores a token and returns its value.
func (f *fake) store(put func(json.RawMessage) (string, error), token string) (value string) {
	f.t.Helper()
	id, err := put(json.RawMessage(token))
	if err != nil {
		f.t.Fatal(err)
	}
	secret, _ := f.Value(id)
	return secret.Reveal()
}

// tokens returns the tokens that existed when the request was sent: those in the result,
// and the one whose ID is in the path.
func (e *exchange) tokens() (tokens []map[string]any) {
	token, _ := e.result().(map[string]any)
	switch userOperation(e.operation) {
	case "createToken", "listPermissionGroups":
		return nil
	case "listTokens":
		items, _ := e.result().([]any)
		for _, item := range items {
			tokens = append(tokens, item.(map[string]any))
		}
		return tokens
	case "updateToken":
		token = nil // so that the result can only be what was sent
	}
	if id := e.param("token_id"); len(id) == 32 && e.Response.Status != http.StatusNotFound {
		if token == nil {
			token = map[string]any{}
		}
		token["id"] = id
	}
	if token == nil {
		return nil
	}
	return []map[string]any{token}
}
