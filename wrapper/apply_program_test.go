package cftokens_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// definition is a token in a YAML document. Its permission groups are those of zones.
type definition struct {
	Name                string
	Groups, Zones, From []string // names, IDs, addresses
	Expires             *time.Time
}

func (d definition) contents(ctx context.Context, client *cftokens.Client) (cftokens.TokenCreate, error) {
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, d.Groups...)
	var zones []resource.Resource
	for _, id := range d.Zones {
		zones = append(zones, resource.Zone(id))
	}
	return cftokens.TokenCreate{
		Name: d.Name, ExpiresOn: d.Expires, Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: d.From}},
		Policies: []cftokens.Policy{{Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: resource.Of(zones...)}},
	}, err
}

// same reports whether a token is as it should be.
func same(have cftokens.Token, want cftokens.TokenCreate) bool {
	a, b := have.ExpiresOn, want.ExpiresOn
	return cftokens.SamePolicies(have.Policies, want.Policies) && cftokens.SameCondition(have.Condition, want.Condition) &&
		(a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// apply creates, updates and deletes tokens until they are those in a YAML document, by
// name. It leaves the client's own token alone. store is called with the value of each new
// token.
func apply(ctx context.Context, client *cftokens.Client, document string, store func(name string, value secret.Value) error) error {
	var definitions []definition
	if err := yaml.Load([]byte(document), &definitions, yaml.WithKnownFields()); err != nil {
		return err
	}
	own, err := client.Verify(ctx)
	wanted := make([]cftokens.TokenCreate, len(definitions)) // before anything is changed
	for i := 0; i < len(definitions) && err == nil; i++ {
		wanted[i], err = definitions[i].contents(ctx, client)
	}
	if err != nil {
		return err
	}
	var rest []cftokens.Token
	for token, err := range client.All(ctx, cftokens.ListOptions{IncludeExpired: true}) {
		if err != nil {
			return err
		}
		if token.ID != own.ID {
			rest = append(rest, *token)
		}
	}
	for _, want := range wanted {
		i := slices.IndexFunc(rest, func(t cftokens.Token) bool { return t.Name == want.Name })
		if i < 0 {
			created, err := client.Create(ctx, want)
			if created != nil { // even with an error, if the value arrived
				err = errors.Join(err, store(want.Name, created.Value))
			}
			if err != nil {
				return err
			}
			continue
		}
		if !same(rest[i], want) {
			if _, err := client.Edit(ctx, rest[i].ID, func(u *cftokens.TokenUpdate) error {
				u.Policies, u.Condition = want.Policies, want.Condition
				u.ExpiresOn.SetNull()
				if want.ExpiresOn != nil {
					u.ExpiresOn.Set(*want.ExpiresOn)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, token := range rest {
		if err := client.Delete(ctx, token.ID); err != nil {
			return err
		}
	}
	return nil
}
