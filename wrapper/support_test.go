package cftokens_test

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const (
	tokenID    = "1f0e2d3c4b5a69788796a5b4c3d2e1f0"
	credential = "TEST-credential_not_a_secret_0123456789"
	leak       = "MUST-NOT-LEAK" // must not appear in an error or a log
	tokenValue = "EXAMPLE-token_value_not_a_secret_0123456"
)

// api answers requests in memory, in place of a server, and keeps them.
type fakeTransport struct {
	handle func(n int, req *http.Request) (*http.Response, error) // n counts from 1

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func (api *fakeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	var body string
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	api.mu.Lock()
	api.requests = append(api.requests, req)
	api.bodies = append(api.bodies, body)
	n := len(api.requests)
	api.mu.Unlock()
	resp, err := api.handle(n, req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// newClient makes a client that is answered by a, without retries unless an
// option says so.
func newClient(t *testing.T, api *fakeTransport, opts ...cftokens.Option) *cftokens.Client {
	t.Helper()
	opts = append([]cftokens.Option{
		cftokens.WithHTTPClient(&http.Client{Transport: api}),
		cftokens.WithRetryPolicy(cftokens.RetryPolicy{}),
	}, opts...)
	client, err := cftokens.NewClient(credential, opts...)
	if err != nil {
		t.Fatalf("NewClient: %v", err)
	}
	return client
}

// always answers every request alike.
func respond(status int, body string, header ...string) *fakeTransport {
	return &fakeTransport{handle: func(int, *http.Request) (*http.Response, error) {
		return response(status, body, header...), nil
	}}
}

// inTurn answers the first request with the first answer, and so on, and fails
// after the last.
func sequence(answers ...func() (*http.Response, error)) *fakeTransport {
	return &fakeTransport{handle: func(n int, _ *http.Request) (*http.Response, error) {
		if n > len(answers) {
			return nil, errors.New("a request too many")
		}
		return answers[n-1]()
	}}
}

func reply(status int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return response(status, body, header...), nil }
}

func fail(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

// response is an answer with header names and values in turn.
func response(status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode:    status,
		Header:        http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"8f1e2d3c4b5a6978-FRA"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// cut is a body that ends in an error.
func truncated(body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), brokenReader{}))
		resp.ContentLength = -1
		return resp, nil
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func success(result string) string {
	return `{"success":true,"errors":[],"messages":[],"result":` + result + `}`
}

func apiError(code, message string) string {
	return `{"success":false,"errors":[{"code":` + code + `,"message":"` + message + `"}],"messages":[],"result":null}`
}

const (
	groupID  = "c8fed203ed3043cba015a93ad1616f1f"
	zoneID   = "ffeeddccbbaa99887766554433221100"
	zoneName = "com.cloudflare.api.account.zone." + zoneID

	tokenJSON = `{"id":"` + tokenID + `","name":"n","status":"active","policies":[` +
		`{"id":"a1b2c3d4e5f60718293a4b5c6d7e8f90","effect":"allow","resources":{"` + zoneName + `":"*"},` +
		`"permission_groups":[{"id":"` + groupID + `","name":"Zone Read"}]}]}`
	policyJSON = `{"effect":"allow","permission_groups":[{"id":"` + groupID + `"}],"resources":{"` + zoneName + `":"*"}}`
)

func policy() cftokens.Policy {
	return cftokens.Policy{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: []cftokens.PermissionGroupRef{{ID: groupID}},
		Resources:        resource.Of(resource.Zone(zoneID)),
	}
}

func tokenCreate() cftokens.TokenCreate {
	return cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{policy()}}
}

// changes reports whether an operation changes something, by its operationId.
func changes(operation string) bool { return operationByID(operation).Method != http.MethodGet }

func operationByID(id string) *gen.Operation {
	for _, op := range gen.Operations {
		if op.ID == id {
			return op
		}
	}
	panic("no operation " + id)
}

// everyCall makes a call of each operation; the error is what matters.
var everyCall = map[string]func(*testing.T, *cftokens.Client) error{
	"listTokens": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.List(t.Context(), cftokens.ListOptions{})
		return err
	},
	"getToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Get(t.Context(), tokenID)
		return err
	},
	"createToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Create(t.Context(), tokenCreate())
		return err
	},
	"updateToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Update(t.Context(), tokenID, cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{policy()}})
		return err
	},
	"deleteToken": func(t *testing.T, c *cftokens.Client) error {
		return c.Delete(t.Context(), tokenID)
	},
	"verifyToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Verify(t.Context())
		return err
	},
	"rollToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Roll(t.Context(), tokenID)
		return err
	},
	"listPermissionGroups": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{})
		return err
	},
}

// fill gives every exported field below v a value that is not zero.
func fill(t *testing.T, v any) {
	t.Helper()
	fillValue(t, reflect.ValueOf(v).Elem())
}

func fillValue(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("192.0.2.0")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(t, v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(t, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(t, v.Field(i))
		}
	default:
		t.Fatalf("no value for a %v", v.Type())
	}
}
