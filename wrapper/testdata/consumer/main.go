package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func main() {
	client, err := cftokens.NewClientFromEnv() // CLOUDFLARE_API_TOKEN and, if it is set, CLOUDFLARE_BASE_URL
	if id := os.Getenv("CLOUDFLARE_ACCOUNT_ID"); err == nil && id != "" {
		client, err = client.Account(id) // the tokens that an account owns
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for token, err := range client.All(context.Background(), cftokens.ListOptions{}) {
		var apiErr *cftokens.APIError
		if errors.As(err, &apiErr) {
			fmt.Fprintf(os.Stderr, "HTTP %d, Ray ID %s: %v\n", apiErr.StatusCode, apiErr.RayID, apiErr.Errors)
			os.Exit(1)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(token.ID, token.Status, token.Name)
	}
}
