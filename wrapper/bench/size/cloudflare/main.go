// Command cloudflare is one call with the root client of cloudflare-go.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/cloudflare/cloudflare-go/v7"
)

func main() {
	verification, err := cloudflare.NewClient().User.Tokens.Verify(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verification.Status)
}
