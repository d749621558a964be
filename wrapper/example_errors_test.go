package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func ExampleAPIError() {
	client, done := exampleClient()
	defer done()

	_, err := client.Get(context.Background(), "0123456789abcdef0123456789abcdef")
	var apiErr *cftokens.APIError
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.Operation, apiErr.StatusCode, apiErr.HasCode(1003), errors.Is(err, cftokens.ErrNotFound))
	}
	// Output: getToken 404 true true
}

// Expired tokens count toward the quota until they are deleted.
func Example_tokenLimit() {
	server := cftokenstest.NewServer()
	defer server.Close()
	for range 50 {
		expired := fmt.Sprintf(`{"name":"old","expires_on":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339))
		if _, err := server.PutToken([]byte(expired)); err != nil {
			panic(err)
		}
	}
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	spec := cftokens.TokenCreate{Name: "reader", Policies: examplePolicies(ctx, client)}
	token, err := client.Create(ctx, spec)
	if errors.Is(err, cftokens.ErrTokenLimit) {
		fmt.Println("the quota is used up: deleting expired tokens")
		var expired []string // deleted after the loop, because the API uses page numbers
		for token, err := range client.All(ctx, cftokens.ListOptions{IncludeExpired: true}) {
			if err != nil {
				fmt.Println(err)
				return
			}
			if token.Status == cftokens.TokenStatusExpired {
				expired = append(expired, token.ID)
			}
		}
		for _, id := range expired {
			if err := client.Delete(ctx, id); err != nil {
				fmt.Println(err)
				return
			}
		}
		token, err = client.Create(ctx, spec)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Name, len(server.Tokens()))
	// Output:
	// the quota is used up: deleting expired tokens
	// reader 1
}
