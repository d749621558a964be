package contract_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// wire is a transport that records requests and responses as exchanges.
type wire struct {
	next      http.RoundTripper
	exchanges []*exchange
	problems  []string // what an exchange cannot represent
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))

	_, path, _ := strings.Cut(req.URL.Path, "/client/v4")
	e := &exchange{Source: "fake", name: req.Method + " " + req.URL.RequestURI()}
	e.Request.Method, e.Request.Path, e.Request.Body = req.Method, path, sent
	e.Request.Query = map[string]string{}
	for name, values := range req.URL.Query() {
		e.Request.Query[name] = values[0]
		if len(values) > 1 {
			w.problems = append(w.problems, e.name+": the query parameter "+name+" is sent more than once")
		}
	}
	e.Response.Status, e.Response.Body = resp.StatusCode, body
	e.Response.Headers = map[string]string{}
	for name := range resp.Header {
		e.Response.Headers[strings.ToLower(name)] = resp.Header.Get(name)
	}
	w.exchanges = append(w.exchanges, e)
	return resp, nil
}

// name sets the operations of the exchanges.
func (v *validator) name(t testing.TB, exchanges []*exchange) []*exchange {
	t.Helper()
	for _, e := range exchanges {
		route, _, err := v.router.FindRoute(e.request())
		if err != nil {
			t.Fatalf("%s: openapi.yaml has no operation with this method and path: %v", e.name, err)
		}
		e.operation = route.Operation.OperationID
	}
	return exchanges
}

// recordFake calls the fake so that every operation, parameter and property occurs.
// TestFake_Recordings checks the other responses.
func recordFake(t testing.TB) *wire {
	t.Helper()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	w := &wire{next: &http.Transport{}}
	// These return a client with the given credential, for user and for account tokens.
	newUser := func(credential string) (*cftokens.Client, error) {
		return cftokens.NewClient(credential, cftokens.WithBaseURL(server.URL),
			cftokens.WithHTTPClient(&http.Client{Transport: w}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	}
	newAccount := func(credential string) (*cftokens.Client, error) {
		client, err := newUser(credential)
		if err != nil {
			return nil, err
		}
		return client.Account(server.AccountID)
	}
	for _, newClient := range []func(string) (*cftokens.Client, error){newUser, newAccount} {
		callEverything(t, newClient, server)
	}
	return w
}

func callEverything(t testing.TB, newClient func(credential string) (*cftokens.Client, error), server *cftokenstest.Server) {
	t.Helper()
	ctx := context.Background()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}

	client, err := newClient(server.Token)
	must("NewClient", err)
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "Zone Read")
	must("FindPermissionGroups", err)
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	everything := cftokens.TokenCreate{
		Name: "everything", NotBefore: &from, ExpiresOn: &to,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"127.0.0.0/8", "::1"}, NotIn: []string{"192.0.2.7/32"}}},
		Policies: []cftokens.Policy{{
			ID: "read only", Effect: cftokens.EffectAllow, PermissionGroups: []cftokens.PermissionGroupRef{{ID: groups[0].ID, Name: "read only"}},
			Resources: resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4"), resource.ZonesIn(server.AccountID)),
		}},
	}
	created, err := client.Create(ctx, everything)
	must("Create", err)
	_, err = client.Create(ctx, cftokens.TokenCreate{Name: "least", Policies: everything.Policies})
	must("Create", err)
	must("readToken", readToken(ctx, t, client, created.ID))
	_, err = client.Update(ctx, created.ID, cftokens.TokenUpdate{
		Name: "updated", Status: cftokens.TokenStatusActive, Policies: created.Policies, Condition: everything.Condition,
		NotBefore: nullable.NewNullNullable[time.Time](), ExpiresOn: nullable.NewNullableWithValue(to),
	})
	must("Update", err)
	_, err = client.Edit(ctx, created.ID, func(u *cftokens.TokenUpdate) error {
		u.Policies = append(u.Policies, cftokens.Policy{
			Effect: cftokens.EffectDeny, PermissionGroups: everything.Policies[0].PermissionGroups, Resources: resource.Of(resource.ZonesIn(server.AccountID)),
		})
		return nil
	})
	must("Edit", err)
	for _, err := range client.All(ctx, cftokens.ListOptions{IncludeExpired: true, Direction: cftokens.DirectionDesc}) {
		must("All", err)
	}
	_, err = client.List(ctx, cftokens.ListOptions{Page: 99, PerPage: 5})
	must("List", err)
	_, err = client.ListPermissionGroups(ctx, cftokens.PermissionGroupOptions{Name: "Zone Read", Page: 1, PerPage: 50})
	must("ListPermissionGroups", err)
	value, err := client.Roll(ctx, created.ID)
	must("Roll", err)
	own, err := newClient(value.Reveal())
	must("NewClient", err)
	_, err = own.Verify(ctx)
	must("Verify", err)

	must("Delete", client.Delete(ctx, created.ID))
}

// readToken calls every operation that reads one token, so that a new one needs no edit of
// callEverything and lifecycle.
func readToken(ctx context.Context, t testing.TB, client *cftokens.Client, id string) error {
	t.Helper()
	for _, op := range gen.Operations {
		if op.Method != http.MethodGet || strings.Contains(op.Path, "{account_id}") || !strings.Contains(op.Path, "{token_id}") {
			continue
		}
		var r replayed
		r.call(ctx, t, client, &exchange{name: "readToken", operation: op.ID}, id)
		// An operation that exists only for users is an invalid argument for an account.
		if r.err != nil && !errors.Is(r.err, cftokens.ErrInvalidArgument) {
			return fmt.Errorf("%s: %w", op.ID, r.err)
		}
	}
	return nil
}

// TestSent checks that the document allows the requests of the wrapper and the responses
// of the fake, and that the requests contain every parameter and property that can be
// sent.
func TestSent(t *testing.T) {
	t.Parallel()
	v, w := strict(t), recordFake(t)
	exchanges := v.name(t, w.exchanges)
	for _, problem := range append(v.problems(exchanges), w.problems...) {
		t.Error(problem)
	}
	shown := v.covered(t, exchanges)
	reached := 0
	for p := range v.places() {
		if p.side != "request" {
			continue
		}
		if len(shown[p]) == 0 {
			missing := "run make generate"
			if strings.Contains(p.String(), "?") {
				missing = "add one to ListOptions in wrapper/tokens.go or PermissionGroupOptions in wrapper/permission_groups.go, and send it in the method there"
			}
			t.Errorf("callEverything in contract_test/sent_test.go does not send %s: add it to a call. If the call has no field for it, %s", p, missing)
		}
		reached++
	}
	for _, op := range gen.Operations {
		if len(shown[place{op.ID, "response", "2xx"}]) == 0 {
			t.Errorf("callEverything in contract_test/sent_test.go does not call %s: add a call of its method", op.ID)
		}
	}
	t.Logf("%d exchanges with the fake, %d parameters and properties sent", len(exchanges), reached)
}
