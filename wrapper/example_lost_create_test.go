package cftokens_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// createRecovered creates a token with a unique name, which has a random suffix. If the
// response is lost, it deletes what the request may have created, and creates the token
// again. Cloudflare may carry out a lost request late, so a program that must leave nothing
// behind should later delete any other tokens with that name.
func createRecovered(ctx context.Context, client *cftokens.Client, spec cftokens.TokenCreate) (*cftokens.CreatedToken, error) {
	spec.Name += " " + rand.Text()
	created, err := client.Create(ctx, spec)
	if !errors.Is(err, cftokens.ErrOutcomeUnknown) {
		return created, err
	}
	var lost []string // deleted after the loop, because the API uses page numbers
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if token.Name == spec.Name {
			lost = append(lost, token.ID)
		}
	}
	for _, id := range lost {
		if err := client.Delete(ctx, id); err != nil {
			return nil, err
		}
	}
	return client.Create(ctx, spec)
}

// If the response to a create is lost, a token whose value is lost may exist. A unique name
// makes it possible to find and delete it.
func Example_lostCreate() {
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	// The first create takes effect, but its response is lost.
	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})

	token, err := createRecovered(context.Background(), client, cftokens.TokenCreate{
		Name: "deploy",
		Policies: []cftokens.Policy{{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "c8fed203ed3043cba015a93ad1616f1f"}}, // Zone Read
			Resources:        resource.Of(resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	left := server.Tokens()
	fmt.Println(len(left), left[0].ID == token.ID, token.Value)
	// Output: 1 true [redacted]
}
