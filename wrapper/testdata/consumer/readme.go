package main

import (
	"context"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// list contains the README's code for listing tokens.
func list(ctx context.Context) error {
	client, err := cftokens.NewClientFromEnv() // CLOUDFLARE_API_TOKEN
	if err != nil {
		return err
	}
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return err
		}
		fmt.Println(token.ID, token.Status, token.Name)
	}
	return nil
}

// create contains the README's code for creating a token.
func create(ctx context.Context, client *cftokens.Client, zone resource.Resource, store func(id, value string)) error {
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write", "Zone Read")
	if err != nil {
		return err
	}
	expires := time.Now().AddDate(0, 0, 90)
	created, err := client.Create(ctx, cftokens.TokenCreate{
		Name: "example.com DNS", ExpiresOn: &expires,
		Policies: []cftokens.Policy{{Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: resource.Of(zone)}},
	})
	if created != nil { // even with an error, if the value arrived
		store(created.ID, created.Value.Reveal())
	}
	return err
}
