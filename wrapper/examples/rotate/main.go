// Command rotate rolls a token, hands the new value to a command on its standard
// input, and verifies it. The value is printed nowhere.
//
// Exit status: 0 the new value is handed over and works, 1 something failed, 2 the
// command line is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

const usage = `Rolls a token and hands its new value to a command's standard input. Example:
  rotate -id ed17574386854bf78a67040be0a770b0 -- kubectl create secret generic cloudflare --from-file=token=/dev/stdin
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
		fmt.Fprintln(os.Stderr, "rotate:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "rotate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("rotate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	id := flags.String("id", "", "ID of the token to roll")
	account := flags.String("account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"`ID` of the account that owns the token, from CLOUDFLARE_ACCOUNT_ID if that is set; empty for a token of the user")
	patience := flags.Duration("patience", time.Minute, "how long Cloudflare may take to know the new value")
	if err := flags.Parse(args); err != nil {
		return errors.Join(errUsage, err)
	}
	if *id == "" || flags.NArg() == 0 {
		return fmt.Errorf("%w: -id and a command are needed; see -h", errUsage)
	}
	// Whatever can be found wrong is found before the old value dies.
	path, err := exec.LookPath(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("nothing was rolled: %w", err)
	}
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		return err
	}
	client, err = of(client, *account)
	if err != nil {
		return err
	}
	token, err := client.Get(ctx, *id)
	if err != nil {
		return fmt.Errorf("nothing was rolled: %w", err)
	}

	value, err := roll(ctx, client, *id)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, path, flags.Args()[1:]...) //nolint:gosec // the command is what the caller asks for
	command.Stdin = strings.NewReader(value.Reveal())
	command.Stdout, command.Stderr = stderr, stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("token %s was rolled but not handed over, its old value is dead: run again: %s: %w", *id, path, err)
	}
	status, err := verify(ctx, value, *account, *patience)
	if err != nil {
		return fmt.Errorf("token %s was rolled and handed over, but its value does not verify: %w", *id, err)
	}
	fmt.Fprintf(stdout, "token %s (%s) was rolled, handed to %s, and is %s\n", *id, token.Name, path, status)
	return nil
}

// roll rolls again where it is not known whether a roll took effect: nobody has
// the value of that one.
func roll(ctx context.Context, client *cftokens.Client, id string) (secret.Value, error) {
	for attempt := 1; ; attempt++ {
		value, err := client.Roll(ctx, id)
		if err == nil || attempt == 5 || ctx.Err() != nil || !errors.Is(err, cftokens.ErrOutcomeUnknown) {
			return value, err
		}
	}
}

// of returns a client for the tokens of an account, or of the user if account is empty.
func of(client *cftokens.Client, account string) (*cftokens.Client, error) {
	if account == "" {
		return client, nil
	}
	return client.Account(account)
}

// verify waits for the API to accept value. Only the endpoint of the token's owner
// does.
func verify(ctx context.Context, value secret.Value, account string, patience time.Duration) (cftokens.TokenStatus, error) {
	var opts []cftokens.Option
	if base := os.Getenv("CLOUDFLARE_BASE_URL"); base != "" {
		opts = append(opts, cftokens.WithBaseURL(base))
	}
	client, err := cftokens.NewClient(value.Reveal(), opts...)
	if err != nil {
		return "", err
	}
	client, err = of(client, account)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		verification, err := client.Verify(ctx)
		if err == nil {
			return verification.Status, nil
		}
		if !errors.Is(err, cftokens.ErrUnauthorized) {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(2 * time.Second):
		}
	}
}
