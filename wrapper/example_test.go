package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// exampleClient returns a client of a fake. Real programs use NewClient or
// NewClientFromEnv.
func exampleClient() (*cftokens.Client, func()) {
	server := cftokenstest.NewServer()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

// examplePolicies returns policies that allow reading a zone.
func examplePolicies(ctx context.Context, client *cftokens.Client) []cftokens.Policy {
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "Zone Read")
	if err != nil {
		panic(err)
	}
	return []cftokens.Policy{{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: groups,
		Resources:        resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
	}}
}

// exampleToken creates a token that may read a zone.
func exampleToken(ctx context.Context, client *cftokens.Client, name string) *cftokens.CreatedToken {
	token, err := client.Create(ctx, cftokens.TokenCreate{Name: name, Policies: examplePolicies(ctx, client)})
	if err != nil {
		panic(err)
	}
	return token
}

func ExampleNewClient() {
	client, err := cftokens.NewClient(os.Getenv("MY_TOKEN"),
		cftokens.WithUserAgent("rotator/1.2"),
		cftokens.WithHTTPClient(&http.Client{Timeout: 10 * time.Second}),
		cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 5, BaseDelay: time.Second, MaxDelay: time.Minute}))
	fmt.Println(client, err)
	// Output: <nil> cftokens: invalid argument: token is empty, or not set
}

func ExampleClient_Account() {
	server := cftokenstest.NewServer()
	defer server.Close()
	user, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	client, err := user.Account(server.AccountID)
	if err != nil {
		fmt.Println(err)
		return
	}
	exampleToken(ctx, client, "reader")
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(token.Name, token.Status)
	}
	// Output: reader active
}

func ExampleClient_WithToken() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	token := exampleToken(ctx, client, "reader")

	reader, err := client.WithToken(token.Value.Reveal())
	if err != nil {
		fmt.Println(err)
		return
	}
	verification, err := reader.Verify(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verification.ID == token.ID, verification.Status)
	// Output: true active
}

func ExampleClient_Verify() {
	client, done := exampleClient()
	defer done()

	verification, err := client.Verify(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verification.Status)
	// Output: active
}

func ExampleClient_Generated() {
	client, done := exampleClient()
	defer done()

	resp, err := client.Generated().VerifyToken(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, resp.Header.Get("Cf-Ray") != "")
	// Output: 200 true
}

// Code that uses a Client can be tested with the fake, which can also inject faults.
func Example_testing() {
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}

	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})
	_, err = client.Create(context.Background(), cftokens.TokenCreate{Name: "reader", Policies: []cftokens.Policy{{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: []cftokens.PermissionGroupRef{{ID: "c8fed203ed3043cba015a93ad1616f1f"}},
		Resources:        resource.Of(resource.AllZones()),
	}}})
	fmt.Println(errors.Is(err, cftokens.ErrOutcomeUnknown), len(server.Tokens()), len(server.Requests()))
	// Output: true 1 1
}
