package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func ExampleClient_WaitUntilActive() {
	client, done := exampleClient()
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	token := exampleToken(ctx, client, "reader")

	verification, err := client.WaitUntilActive(ctx, token.Value)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verification.ID == token.ID, verification.Status)
	// Output: true active
}

func ExampleClient_Replace() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	old := exampleToken(ctx, client, "reader")
	var config struct{ token secret.Value }

	// The new token expires in 90 days, no matter when the old one does.
	renew := func(create *cftokens.TokenCreate) error {
		expires := time.Now().AddDate(0, 0, 90)
		create.ExpiresOn = &expires
		return nil
	}
	// The old token is deleted only after the new value is stored.
	store := func(_ context.Context, token *cftokens.CreatedToken) error {
		config.token = token.Value
		return nil
	}
	token, err := client.Replace(ctx, old.ID, renew, store)
	if err != nil {
		fmt.Println(err) // says which tokens exist
		return
	}
	_, err = client.Get(ctx, old.ID)
	fmt.Println(token.Name, token.ID != old.ID, errors.Is(err, cftokens.ErrNotFound), config.token)
	// Output: reader true true [redacted]
}

func ExampleClient_Roll() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	token := exampleToken(ctx, client, "reader")

	value, err := client.Roll(ctx, token.ID)
	if err != nil {
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			fmt.Println("the old value may no longer work; roll again")
		}
		return
	}
	fmt.Println(value, value.Equal(token.Value))
	// Output: [redacted] false
}
