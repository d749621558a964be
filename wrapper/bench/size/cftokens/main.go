// Command cftokens is one call with this client.
package main

import (
	"context"
	"fmt"
	"os"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func main() {
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		fail(err)
	}
	verification, err := client.Verify(context.Background())
	if err != nil {
		fail(err)
	}
	fmt.Println(verification.Status)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
