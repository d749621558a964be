package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// replayed is a call of the wrapper that was answered by an exchange.
type replayed struct {
	result any // the wrapper's value; nil for a delete
	info   cftokens.ResultInfo
	err    error
	sent   *http.Request
	body   []byte
}

// replay makes the call that e records and answers it with e.
func replay(t testing.TB, e *exchange) (r replayed) {
	t.Helper()
	client, err := cftokens.NewClient("replay", cftokens.WithRetryPolicy(cftokens.RetryPolicy{}),
		cftokens.WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			r.sent = req
			if req.Body != nil {
				var err error
				if r.body, err = io.ReadAll(req.Body); err != nil {
					return nil, err
				}
			}
			resp := e.response()
			resp.Request = req
			return resp, nil
		})}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	id := e.param("{token_id}")
	if account := e.param("{account_id}"); account != "" {
		if client, err = client.Account(account); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
	number := func(key string) int {
		n, _ := strconv.Atoi(e.Request.Query[key])
		return n
	}
	switch userOperation(e.operation) {
	case "listTokens":
		page, err := client.List(ctx, cftokens.ListOptions{
			Page: number("page"), PerPage: number("per_page"),
			Direction: cftokens.Direction(e.Request.Query["direction"]), IncludeExpired: e.Request.Query["include_expired"] == "true",
		})
		if r.err = err; err == nil {
			r.result, r.info = page.Items, page.Info
		}
	case "listPermissionGroups":
		page, err := client.ListPermissionGroups(ctx, cftokens.PermissionGroupOptions{
			Name: e.Request.Query["name"], Scope: cftokens.Scope(e.Request.Query["scope"]), Page: number("page"), PerPage: number("per_page"),
		})
		if r.err = err; err == nil {
			r.result, r.info = page.Items, page.Info
		}
	case "getToken":
		r.result, r.err = client.Get(ctx, id)
	case "createToken":
		var body cftokens.TokenCreate
		r.decode(t, e.Request.Body, &body)
		if body.Name == "" {
			body.Name = "refused before sending otherwise"
		}
		r.result, r.err = client.Create(ctx, body)
	case "updateToken":
		var body cftokens.TokenUpdate
		r.decode(t, e.Request.Body, &body)
		r.result, r.err = client.Update(ctx, id, body)
	case "deleteToken":
		r.err = client.Delete(ctx, id)
	case "verifyToken":
		r.result, r.err = client.Verify(ctx)
	case "rollToken":
		r.result, r.err = client.Roll(ctx, id)
	default:
		t.Fatalf("%s: replay in replay_test.go does not call %s: add a case that calls its method", e.name, e.operation)
	}
	if r.sent != nil {
		for name := range e.Request.Query {
			if !r.sent.URL.Query().Has(name) {
				t.Errorf("%s: replay in replay_test.go does not pass on the query parameter %q: set the option of this name in the call of %s", e.name, name, e.operation)
			}
		}
	}
	return r
}

func (r *replayed) decode(t testing.TB, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// TestReplay: the wrapper reads every recording without losing anything, and sends
// what was recorded.
func TestReplay(t *testing.T) {
	t.Parallel()
	properties := 0
	for _, e := range recordings(t) {
		r := replay(t, e)
		if r.sent == nil {
			t.Errorf("%s: nothing was sent: %v", e.name, r.err)
			continue
		}
		if e.RequestRejected == "" {
			compareRequest(t, e, r)
		}
		if e.Response.Status > 299 {
			compareError(t, e, r.err)
			continue
		}
		if r.err != nil {
			t.Errorf("%s: %v", e.name, r.err)
			continue
		}
		if userOperation(e.operation) == "deleteToken" {
			continue // the wrapper returns nothing: the id is the one that it was given
		}
		envelope, ok := mustDecode(t, e.Response.Body).(map[string]any)
		if !ok {
			t.Errorf("%s: the body is not an object: move the file to testdata/drift", e.name)
			continue
		}
		properties += compareResult(t, e.name+": result", envelope["result"], encode(t, r.result))
		if info, ok := envelope["result_info"]; ok {
			properties += compareResult(t, e.name+": result_info", info, encode(t, r.info))
		}
	}
	t.Logf("%d values were compared", properties)
}

func compareRequest(t *testing.T, e *exchange, r replayed) {
	t.Helper()
	want := e.request()
	if r.sent.Method != want.Method || r.sent.URL.String() != want.URL.String() && !cmp.Equal(r.sent.URL.Query(), want.URL.Query()) || r.sent.URL.Path != want.URL.Path {
		t.Errorf("%s: sent %s %s, recorded %s %s", e.name, r.sent.Method, r.sent.URL, want.Method, want.URL)
	}
	if e.Request.Body == nil && r.body == nil {
		return
	}
	if diff := cmp.Diff(mustDecode(t, e.Request.Body), mustDecode(t, r.body)); diff != "" {
		t.Errorf("%s: body (-recorded +sent):\n%s", e.name, diff)
	}
}

// encode is the JSON of what the wrapper decoded, with secrets revealed.
func encode(t testing.TB, v any) any {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return nil
	case secret.Value:
		return v.Reveal()
	case *cftokens.CreatedToken:
		shown := *v
		shown.Value = secret.Value{}
		encoded := mustDecode(t, []byte(jsonText(shown))).(map[string]any)
		encoded["value"] = v.Value.Reveal()
		return encoded
	}
	return mustDecode(t, []byte(jsonText(v)))
}

const lost = "the wrapper loses this property: run make generate; if that changes nothing, add the property to openapi.yaml"

// compareResult reports, by path, what a response contains and the wrapper's value does
// not, and counts what it compared. Null and an empty condition may be absent.
func compareResult(t *testing.T, path string, came, kept any) (compared int) {
	t.Helper()
	switch came := came.(type) {
	case nil:
		return 0
	case map[string]any:
		keptMap, ok := kept.(map[string]any)
		if !ok && len(came) > 0 {
			t.Errorf("%s: %s", path, lost)
		}
		for _, name := range sorted(came) {
			compared += compareResult(t, path+"."+name, came[name], keptMap[name])
		}
	case []any:
		keptList, _ := kept.([]any)
		if len(keptList) != len(came) {
			t.Errorf("%s: the response has %d items, the wrapper returns %d", path, len(came), len(keptList))
			return compared
		}
		for i := range came {
			compared += compareResult(t, path+"["+strconv.Itoa(i)+"]", came[i], keptList[i])
		}
	default:
		compared++
		if kept == nil {
			t.Errorf("%s: %s", path, lost)
		} else if !reflect.DeepEqual(came, kept) {
			t.Errorf("%s: the response has %v, the wrapper returns %v", path, came, kept)
		}
	}
	return compared
}

// compareError reads the envelope independently of the wrapper.
func compareError(t *testing.T, e *exchange, err error) {
	t.Helper()
	type detail struct {
		Code             int
		Message          string
		DocumentationURL string `json:"documentation_url"`
		Source           struct{ Pointer string }
		Chain            []detail `json:"error_chain"`
	}
	var envelope struct{ Errors, Messages []detail }
	if err := json.Unmarshal(e.Response.Body, &envelope); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	var details func([]detail) []cftokens.ErrorDetail
	details = func(from []detail) (to []cftokens.ErrorDetail) {
		for _, d := range from {
			to = append(to, cftokens.ErrorDetail{Code: d.Code, Message: d.Message, DocumentationURL: d.DocumentationURL, Pointer: d.Source.Pointer, Chain: details(d.Chain)})
		}
		return to
	}
	seconds, _ := strconv.Atoi(e.Response.Headers["retry-after"])
	want := &cftokens.APIError{
		Operation: e.operation, Method: e.Request.Method, Path: "/client/v4" + e.Request.Path, StatusCode: e.Response.Status,
		Errors: details(envelope.Errors), Messages: details(envelope.Messages), RetryAfter: time.Duration(seconds) * time.Second,
	}
	var got *cftokens.APIError
	if !errors.As(err, &got) {
		t.Errorf("%s: got %v, want an *APIError", e.name, err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: error (-recorded +got):\n%s", e.name, diff)
	}
}
