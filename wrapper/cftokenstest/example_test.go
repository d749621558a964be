package cftokenstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// rotate is the code under test. It rolls the token with the given name.
func rotate(ctx context.Context, client *cftokens.Client, name string) (secret.Value, error) {
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return secret.Value{}, err
		}
		if token.Name == name {
			return client.Roll(ctx, token.ID)
		}
	}
	return secret.Value{}, fmt.Errorf("no token is called %q", name)
}

// To test your own code, pass it a client of the fake, and inspect the server afterwards.
func Example() {
	ctx := context.Background()
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write")
	if err != nil {
		fmt.Println(err)
		return
	}
	created, err := client.Create(ctx, cftokens.TokenCreate{
		Name: "deploy",
		Policies: []cftokens.Policy{{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: groups,
			Resources:        resource.Of(resource.AllZones()),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	value, err := rotate(ctx, client, "deploy")
	stored, _ := server.Value(created.ID)
	fmt.Println("error:", err)
	fmt.Println("the value is new:", !value.Equal(created.Value))
	fmt.Println("the value is the stored one:", value.Equal(stored))
	requests := server.Requests()
	fmt.Println("last request:", requests[len(requests)-1].Operation)
	// Output:
	// error: <nil>
	// the value is new: true
	// the value is the stored one: true
	// last request: rollToken
}

// A token for one Worker. Its resource is named by the script's tag.
func Example_worker() {
	ctx := context.Background()
	server := cftokenstest.NewServer()
	defer server.Close()
	client, _ := server.NewClient()
	account, _ := client.Account(server.AccountID)
	groups, _ := account.FindPermissionGroups(ctx, cftokens.ScopeWorkerScript, "Individual Workers Editor")
	token, err := account.Create(ctx, cftokens.TokenCreate{Name: "deploy", Policies: []cftokens.Policy{{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: groups,
		Resources:        resource.Of(resource.Worker(server.AccountID, "9b0e1d2c3f4a45b6a7c8d9e0f1a2b3c4")),
	}}})
	if err == nil {
		_, err = account.WaitUntilActive(ctx, token.Value)
	}
	fmt.Println(err)
	// Output: <nil>
}

// Inject reproduces failures that are rare in the real API: here, the connection breaks
// after a roll took effect, so the new value is lost.
func ExampleServer_Inject() {
	ctx := context.Background()
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := server.PutToken([]byte(`{"name":"deploy"}`)); err != nil {
		fmt.Println(err)
		return
	}

	server.Inject(cftokenstest.Fault{Operation: "rollToken", DropAfter: true})
	_, err = rotate(ctx, client, "deploy")
	fmt.Println("outcome unknown:", errors.Is(err, cftokens.ErrOutcomeUnknown))

	_, err = rotate(ctx, client, "deploy")
	fmt.Println("second try:", err)
	// Output:
	// outcome unknown: true
	// second try: <nil>
}

// The program under test also calls GET /user, which the fake does not have: a ServeMux
// passes that request to another handler, and all others to the fake.
func ExampleServer_ServeHTTP() {
	ctx := context.Background()
	server := cftokenstest.NewServer()
	defer server.Close()

	mux := http.NewServeMux()
	mux.Handle("/client/v4/", server) // below another path: http.StripPrefix("/other", server)
	mux.HandleFunc("GET /client/v4/user", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"success":true,"errors":[],"messages":[],"result":{"email":"user@example.com"}}`)
	})
	api := httptest.NewServer(mux)
	defer api.Close()

	client, err := server.NewClient(cftokens.WithBaseURL(api.URL + "/client/v4"))
	if err != nil {
		fmt.Println(err)
		return
	}
	verification, err := client.Verify(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("token:", verification.Status)
	// Output:
	// token: active
}

// In memory, the fake works in a bubble of package testing/synctest, so that a test waits for
// a Retry-After of 30 seconds in no time.
func ExampleInMemory() {
	var t *testing.T // of your test
	synctest.Test(t, func(t *testing.T) {
		server := cftokenstest.NewServer(cftokenstest.InMemory())
		defer server.Close()
		server.Inject(cftokenstest.RateLimited(30 * time.Second))
		client, err := server.NewClient()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
