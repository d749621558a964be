package cftokens_test

import (
	"context"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// Fields for times have methods to set and to clear them.
func ExampleClient_Edit_expiry() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	id := exampleToken(ctx, client, "reader").ID

	token, err := client.Edit(ctx, id, func(u *cftokens.TokenUpdate) error {
		u.ExpiresOn.Set(time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC))
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("expires on", token.ExpiresOn.Format(time.DateOnly))

	token, err = client.Edit(ctx, id, func(u *cftokens.TokenUpdate) error {
		u.ExpiresOn.SetNull()
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("never expires:", token.ExpiresOn == nil)
	// Output:
	// expires on 2099-12-31
	// never expires: true
}

// Update sends the fields that are set, here the time before which the token is not
// accepted.
func ExampleClient_Update_notBefore() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()
	token := exampleToken(ctx, client, "reader")

	update := cftokens.TokenUpdate{Name: token.Name, Policies: token.Policies}
	update.NotBefore.Set(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))
	updated, err := client.Update(ctx, token.ID, update)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(updated.NotBefore.Format(time.DateOnly), updated.ExpiresOn == nil)
	// Output: 2099-01-01 true
}
