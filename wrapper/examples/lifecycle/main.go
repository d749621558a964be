// Command lifecycle takes a token through its life, one printed line a step: find
// permission groups, create, verify, list, edit, roll, delete. It runs on a fake of the
// API, first for a token of the user, then for one of an account, unless -live is given.
// It fails if a step does not do what it says.
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

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "lifecycle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("lifecycle", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Takes a token through its life. Example: go run ./wrapper/examples/lifecycle")
		flags.PrintDefaults()
	}
	live := flags.Bool("live", false, "use the real API with CLOUDFLARE_API_TOKEN, which needs the permission group API Tokens Write, "+
		"or Account API Tokens Write with -account; needs -zone")
	zone := flags.String("zone", "", "`ID` of the zone that the token is for")
	account := flags.String("account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"with -live, `ID` of the account that owns the token, from CLOUDFLARE_ACCOUNT_ID if that is set; empty for a token of the user")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	d := demo{out: stdout, zone: *zone}
	if *live {
		if *zone == "" {
			return errors.New("-live needs -zone, the ID of a zone of yours")
		}
		d.account, d.newClient = *account, func(token string) (*cftokens.Client, error) {
			// The base URL is that of the environment here too; the token is not.
			if base := os.Getenv("CLOUDFLARE_BASE_URL"); base != "" {
				return cftokens.NewClient(token, cftokens.WithBaseURL(base))
			}
			return cftokens.NewClient(token)
		}
		client, err := cftokens.NewClientFromEnv()
		if err != nil {
			return err
		}
		return d.run(ctx, client)
	}

	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		return err
	}
	if d.zone == "" {
		d.zone = "eb78d65290b24279ba6f44721b3ea3c4"
	}
	d.newClient = func(token string) (*cftokens.Client, error) {
		return cftokens.NewClient(token, cftokens.WithBaseURL(server.URL))
	}
	for _, account := range []string{"", server.AccountID} {
		d.account = account
		if err := d.run(ctx, client); err != nil {
			return err
		}
	}
	return nil
}
