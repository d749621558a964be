package cftokens_test

import (
	"context"
	"fmt"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func ExampleClient_FindPermissionGroups() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()

	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write", "Zone Read")
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := client.Create(ctx, cftokens.TokenCreate{Name: "dns editor", Policies: []cftokens.Policy{{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: groups,
		Resources:        resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Name, len(token.Policies[0].PermissionGroups))
	// Output: dns editor 2
}

// The dashboard's names differ from the API's, so the error suggests some.
func ExampleClient_FindPermissionGroups_suggestions() {
	client, done := exampleClient()
	defer done()

	_, err := client.FindPermissionGroups(context.Background(), cftokens.ScopeAccountZone, "DNS Edit", "SSL and Certificates Write")
	fmt.Println(err)
	// Output:
	// cftokens: permission group "DNS Edit" in scope "com.cloudflare.api.account.zone": not found (did you mean "DNS Write" or "Zone DNS Settings Write" or "DNS Read"?)
}

func ExampleClient_ListPermissionGroups() {
	client, done := exampleClient()
	defer done()

	page, err := client.ListPermissionGroups(context.Background(), cftokens.PermissionGroupOptions{Name: "Logs Read"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, group := range page.Items {
		fmt.Println(group.Name, group.Scopes)
	}
	// Output:
	// Logs Read [com.cloudflare.api.account]
	// Logs Read [com.cloudflare.api.account.zone]
}

func ExampleClient_AllPermissionGroups() {
	client, done := exampleClient()
	defer done()

	for group, err := range client.AllPermissionGroups(context.Background(), cftokens.PermissionGroupOptions{Scope: cftokens.ScopeR2Bucket}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(group.Name)
	}
	// Unordered output:
	// Workers R2 Storage Bucket Item Read
	// Workers R2 Storage Bucket Item Write
}
