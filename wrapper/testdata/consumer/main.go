// Command consumer uses the library from another module. It contains the README's code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func main() {
	err := run(context.Background(), os.Args[1])
	var apiErr *cftokens.APIError
	switch {
	case errors.As(err, &apiErr):
		fmt.Printf("HTTP %d, Ray ID %s: %v\n", apiErr.StatusCode, apiErr.RayID, apiErr.Errors)
	case err != nil:
		fmt.Println(err)
	}
}

func run(ctx context.Context, command string) error {
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		return err
	}
	switch command {
	case "list":
		return list(ctx)
	case "create":
		return create(ctx, client, resource.AllZones(), func(id, value string) { fmt.Println(id, len(value)) })
	}
	return fmt.Errorf("unknown command %q", command)
}
