// Command issue creates a token that may do what its flags say and nothing else,
// and prints its value, alone, on standard output.
//
// Exit status: 0 the value is printed and works, 1 something failed, 2 the command line is
// wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

const usage = `Creates a token and prints nothing but its value on standard output. Example:
  issue -name ci -zone eb78d65290b24279ba6f44721b3ea3c4 -group "zone:DNS Write" -ip 192.0.2.0/24 -expires 720h | pass insert -e ci
Authenticates with CLOUDFLARE_API_TOKEN, which needs the permission group API Tokens Write, or Account API Tokens Write
for a token of an account.
`

var errUsage = errors.New("wrong command line")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "issue:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "issue:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	want, err := parse(args, stderr)
	if err != nil {
		return errors.Join(errUsage, err)
	}
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		return err
	}
	if want.account != "" {
		if client, err = client.Account(want.account); err != nil {
			return err
		}
	}
	policies, err := want.policies(ctx, client)
	if err != nil {
		return err
	}
	create := cftokens.TokenCreate{
		Name:      want.name,
		Policies:  policies,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: want.addresses}},
	}
	if want.expires > 0 {
		expires := time.Now().Add(want.expires)
		create.ExpiresOn = &expires
	}
	token, err := client.Create(ctx, create)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, token.Value.Reveal()); err != nil {
		// The value is lost, so the token is of no use.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return errors.Join(fmt.Errorf("the value could not be printed, so token %s is deleted: %w", token.ID, err), client.Delete(ctx, token.ID))
	}
	verification, err := client.WaitUntilActive(ctx, token.Value)
	if err != nil {
		return fmt.Errorf("the value of token %s (%s) is printed, but does not work yet: %w", token.ID, token.Name, err)
	}
	fmt.Fprintf(stderr, "token %s (%s) is %s\n", token.ID, token.Name, verification.Status)
	return nil
}
