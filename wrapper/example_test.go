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

// The examples run on the fake; a program makes its client with NewClient or
// NewClientFromEnv.
func exampleClient() (*cftokens.Client, func()) {
	server := cftokenstest.NewServer()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

// examplePolicies allow reading the zone.
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

// exampleToken makes a token that may read the zone.
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
	// Output: <nil> cftokens: invalid argument: token is empty
}

func ExampleClient_Create() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()

	group, err := client.FindPermissionGroup(ctx, "DNS Write", cftokens.ScopeAccountZone)
	if err != nil {
		fmt.Println(err)
		return
	}
	expires := time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)
	token, err := client.Create(ctx, cftokens.TokenCreate{
		Name:      "dns editor",
		ExpiresOn: &expires,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24"}}},
		Policies: []cftokens.Policy{{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: group.ID}},
			Resources:        resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The value is shown this once: token.Value.Reveal() gives the string to keep.
	fmt.Println(token.Name, token.Status, token.Value)
	// Output: dns editor active [redacted]
}

func ExampleClient_All() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	exampleToken(ctx, client, "first")
	exampleToken(ctx, client, "second")

	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(token.Name, token.Status)
	}
	// Output:
	// first active
	// second active
}

func ExampleClient_List() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	for i := range 7 {
		exampleToken(ctx, client, fmt.Sprint("token ", i))
	}

	page, err := client.List(ctx, cftokens.ListOptions{PerPage: 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	next, more := page.Next()
	fmt.Println(len(page.Items), page.Info.TotalCount, next, more)
	// Output: 5 7 2 true
}

func ExampleClient_Get() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	id := exampleToken(ctx, client, "reader").ID

	token, err := client.Get(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Name, token.LastUsedOn == nil, token.ExpiresOn == nil)
	// Output: reader true true
}

func ExampleClient_Update() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	token := exampleToken(ctx, client, "reader")

	updated, err := client.Update(ctx, token.ID, cftokens.TokenUpdate{
		Name:     token.Name,
		Policies: token.Policies,
		Status:   cftokens.TokenStatusDisabled,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(updated.Status, cftokens.SamePolicies(updated.Policies, token.Policies))
	// Output: disabled true
}

func ExampleClient_Edit() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	id := exampleToken(ctx, client, "reader").ID

	token, err := client.Edit(ctx, id, func(u *cftokens.TokenUpdate) error {
		u.Name = "zone reader"
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Name, len(token.Policies))
	// Output: zone reader 1
}

func ExampleClient_Delete() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	id := exampleToken(ctx, client, "reader").ID

	fmt.Println(client.Delete(ctx, id))
	_, err := client.Get(ctx, id)
	fmt.Println(errors.Is(err, cftokens.ErrNotFound))
	// Output:
	// <nil>
	// true
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

func ExampleClient_Roll() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	token := exampleToken(ctx, client, "reader")

	value, err := client.Roll(ctx, token.ID)
	if err != nil {
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			fmt.Println("the old value may be dead; roll again")
		}
		return
	}
	fmt.Println(value, value.Equal(token.Value))
	// Output: [redacted] false
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

// Code that takes a client is tested on the fake, which can also be told to fail.
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
