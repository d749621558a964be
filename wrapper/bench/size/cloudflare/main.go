// Command cloudflare is one call with the root client of cloudflare-go.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/cloudflare/cloudflare-go/v7"
)

func main() {
	verification, err := cloudflare.NewClient().User.Tokens.Verify(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(verification.Status)
}
