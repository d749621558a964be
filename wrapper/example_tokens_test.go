package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func ExampleClient_Create() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()

	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write")
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
			PermissionGroups: groups,
			Resources:        resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Store token.Value.Reveal(): the value cannot be retrieved again.
	fmt.Println(token.Name, token.Status, token.Value)
	// Output: dns editor active [redacted]
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
	// Output: 5 8 2 true
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
	// credential of the fake API active
	// first active
	// second active
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
