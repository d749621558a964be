package contract_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// replayed is a call of the wrapper that got the response of an exchange.
type replayed struct {
	result any // the value that the wrapper returned; nil for a delete
	info   cftokens.ResultInfo
	err    error
	sent   *http.Request
	body   []byte
}

// replay calls the operation of e with its arguments, and responds with its response.
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
	if account := e.param("account_id"); account != "" {
		if client, err = client.Account(account); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
	r.call(t, client, e)
	if r.sent != nil {
		for name := range e.Request.Query {
			if !r.sent.URL.Query().Has(name) {
				t.Errorf("%s: call in contract_test/replay_test.go does not send the query parameter %q: set its option in the call of %s", e.name, name, e.operation)
			}
		}
	}
	return r
}

// call calls the method of the operation of e.
func (r *replayed) call(t testing.TB, client *cftokens.Client, e *exchange) {
	t.Helper()
	ctx, id := t.Context(), e.param("token_id")
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
			body.Name = "the wrapper rejects an empty name"
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
		t.Fatalf("%s: call in contract_test/replay_test.go does not call %s: add a case that calls its method", e.name, e.operation)
	}
}

func (r *replayed) decode(t testing.TB, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// neverSent lists the recordings whose request the wrapper rejects, with the reason.
var neverSent = map[string]string{
	"createToken/200_without_policies.json": "the wrapper requires a list of policies, which may be empty",
	"createToken/400_group_without_id.json": "the wrapper requires the ID of a group",
}

// TestReplay checks that the wrapper sends the request of every recording, and returns
// every property of its response.
func TestReplay(t *testing.T) {
	t.Parallel()
	var sent []*exchange
	for _, e := range recordings(t) {
		r := replay(t, e)
		if listed := neverSent[e.name] != ""; listed && r.sent != nil {
			t.Errorf("neverSent in contract_test/replay_test.go lists %s, which the wrapper sends: delete it", e.name)
		} else if listed {
			continue
		}
		if r.sent == nil {
			t.Errorf("%s: the wrapper sent nothing: error = %v", e.name, r.err)
			continue
		}
		if e.RequestRejected == "" {
			compareRequest(t, e, r)
			sent = append(sent, e)
		}
		compareReturned(t, e, r)
	}
	inSent, inAll := document().covered(t, sent), document().covered(t, recordings(t))
	for p := range document().places() {
		if p.side == "request" && len(inSent[p]) == 0 && len(inAll[p]) > 0 { // TestCoverage reports the others
			t.Errorf("no recording whose request the wrapper sends contains %s: add it to one", p)
		}
	}
}
