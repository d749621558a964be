// Command cloudflareuser is one call with the package user of cloudflare-go, which
// leaves the rest of the client out.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/user"
)

func main() {
	tokens := user.NewTokenService(option.WithEnvironmentProduction(), option.WithAPIToken(os.Getenv("CLOUDFLARE_API_TOKEN")))
	verification, err := tokens.Verify(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verification.Status)
}
