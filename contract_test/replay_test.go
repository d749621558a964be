package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
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
	id := strings.TrimSuffix(strings.TrimPrefix(e.Request.Path, "/user/tokens/"), "/value")
	number := func(key string) int {
		n, _ := strconv.Atoi(e.Request.Query[key])
		return n
	}
	switch e.operation {
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
		t.Fatalf("%s: no such operation", e.name)
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
		if e.RequestRefused == "" {
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
		if e.operation == "deleteToken" {
			continue // the wrapper returns nothing: the id is the one that it was given
		}
		envelope := object(t, e.Response.Body).(map[string]any)
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
	if diff := cmp.Diff(object(t, e.Request.Body), object(t, r.body)); diff != "" {
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
		encoded := object(t, []byte(jsonText(shown))).(map[string]any)
		encoded["value"] = v.Value.Reveal()
		return encoded
	}
	return object(t, []byte(jsonText(v)))
}

// compareResult tells, by path, what came and is not there any more, and counts
// what it compared. Null, and a condition that holds nothing, may be absent.
func compareResult(t *testing.T, path string, came, kept any) (compared int) {
	t.Helper()
	switch came := came.(type) {
	case nil:
		return 0
	case map[string]any:
		keptMap, ok := kept.(map[string]any)
		if !ok && len(came) > 0 {
			t.Errorf("%s is lost by the wrapper: a type of gen lacks it", path)
		}
		for _, name := range sorted(came) {
			compared += compareResult(t, path+"."+name, came[name], keptMap[name])
		}
	case []any:
		keptList, _ := kept.([]any)
		if len(keptList) != len(came) {
			t.Errorf("%s: %d items came, %d are left", path, len(came), len(keptList))
			return compared
		}
		for i := range came {
			compared += compareResult(t, path+"["+strconv.Itoa(i)+"]", came[i], keptList[i])
		}
	default:
		compared++
		if kept == nil {
			t.Errorf("%s is lost by the wrapper: a type of gen lacks it", path)
		} else if !reflect.DeepEqual(came, kept) {
			t.Errorf("%s: %v came, %v is left", path, came, kept)
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

// TestGolden compares decoded values with Go values that were written by hand: one
// for each kind of result.
func TestGolden(t *testing.T) {
	t.Parallel()
	at := func(s string) *time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return &parsed
	}
	token := cftokens.Token{
		ID: "1f0e2d3c4b5a69788796a5b4c3d2e1f0", Name: "readonly token", Status: cftokens.TokenStatusActive,
		IssuedOn: at("2025-03-04T05:06:07Z"), ModifiedOn: at("2025-03-04T05:06:07Z"),
		NotBefore: at("2025-03-04T00:00:00Z"), ExpiresOn: at("2026-03-04T23:59:59Z"),
		Policies: []cftokens.Policy{{
			ID: "a1b2c3d4e5f60718293a4b5c6d7e8f90", Effect: cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "c8fed203ed3043cba015a93ad1616f1f", Name: "Zone Read"}},
			Resources:        resource.Of(resource.Zone("ffeeddccbbaa99887766554433221100")),
		}},
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::/32"}, NotIn: []string{"192.0.2.7/32"}}},
	}
	nested := []cftokens.Policy{
		{
			ID: "a1b2c3d4e5f60718293a4b5c6d7e8f90", Effect: cftokens.EffectAllow, PermissionGroups: token.Policies[0].PermissionGroups,
			Resources: resource.Of(resource.ZonesIn("00112233445566778899aabbccddeeff")),
		},
		{
			ID: "b2c3d4e5f60718293a4b5c6d7e8f90a1", Effect: cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "4755a26eedb94da69e1066d98aa820be", Name: "DNS Write"}},
			Resources:        resource.Of(resource.AllZones()),
		},
	}
	never := token
	never.NotBefore, never.ExpiresOn, never.Condition = nil, nil, cftokens.Condition{}
	both := never
	both.Policies = nested
	created := cftokens.CreatedToken{
		ID: never.ID, Name: "new", Status: never.Status, IssuedOn: never.IssuedOn, ModifiedOn: never.ModifiedOn, Policies: never.Policies,
		Value: secret.New("EXAMPLE-token_value_not_a_secret_0123456"),
	}
	want := map[string]any{
		"getToken/200_condition.json":        &token,
		"getToken/200_never_used.json":       &never,
		"getToken/200_empty_condition.json":  &never,
		"getToken/200_nested_resources.json": &both,
		"createToken/200_value_of_40.json":   &created,
		"rollToken/200_value_of_40.json":     secret.New("EXAMPLE-token_value_not_a_secret_0123456"),
		"verifyToken/200_active.json":        &cftokens.Verification{ID: token.ID, Status: cftokens.TokenStatusActive},
		"listTokens/200_empty.json":          []cftokens.Token{},
		"listPermissionGroups/200_all_properties.json": []cftokens.PermissionGroup{{
			ID: "82e64a83756745bbbb1c9c2701bf816b", Name: "DNS Read", Description: "Grants read level access to DNS", Category: cftokens.CategoryDNSAndZones,
			Scopes: []cftokens.Scope{cftokens.ScopeAccountZone}, Label: "dns_read", Visibility: "public", Editable: false, Deprecated: false,
		}},
	}
	for _, e := range recordings(t) {
		golden, ok := want[e.name]
		if !ok {
			continue
		}
		delete(want, e.name)
		r := replay(t, e)
		if r.err != nil {
			t.Errorf("%s: %v", e.name, r.err)
		} else if diff := cmp.Diff(golden, r.result); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.name, diff)
		}
	}
	for name := range want {
		t.Errorf("no recording %s", name)
	}
}

// TestDrift: what the API was seen to do, or may do, against the document is
// refused by the strict reading for the stated reason, and still read.
func TestDrift(t *testing.T) {
	t.Parallel()
	v := strict(t)
	for _, e := range drift(t) {
		requestErr, responseErr := v.check(e.request(), e.response())
		switch {
		case requestErr != nil:
			t.Errorf("%s: the request is to be right: %v", e.name, requestErr)
		case responseErr == nil:
			t.Errorf("%s: the document allows this now; move the file to testdata/recordings, without strict and want", e.name)
		case e.Strict == "" || !strings.Contains(responseErr.Error(), e.Strict):
			t.Errorf("%s: refused for another reason than %q: %v", e.name, e.Strict, responseErr)
		}
		r := replay(t, e)
		if e.WantError != "" {
			if r.err == nil || r.err.Error() != e.WantError {
				t.Errorf("%s: got error %v\nwant %s", e.name, r.err, e.WantError)
			}
			continue
		}
		if r.err != nil || e.WantResult == nil {
			t.Errorf("%s: %v; want_result %s", e.name, r.err, e.WantResult)
			continue
		}
		if compareResult(t, e.name+": result", object(t, e.WantResult), encode(t, r.result)) == 0 {
			t.Errorf("%s: nothing was compared", e.name)
		}
	}
}
