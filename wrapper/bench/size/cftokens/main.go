// Command cftokens is one call with this client.
package main

import (
	"context"
	"fmt"
	"log"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func main() {
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	verification, err := client.Verify(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verification.Status)
}
