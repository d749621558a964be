// Command rotate replaces a token by a copy, hands the copy's value to a command on its
// standard input, and deletes the old token if the command succeeds. With -in-place, it
// rolls the token instead. The value is printed nowhere.
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

const usage = `Replaces a token by a copy, with a new ID, and hands the copy's value to a command's standard input. The old token is
deleted if the command succeeds, and stays otherwise. Example:
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
	id := flags.String("id", "", "ID of the token to replace or roll")
	inPlace := flags.Bool("in-place", false,
		"roll the token: its ID stays, but the old value stops working before the command gets the new one; for tokens that manage tokens")
	account := flags.String("account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"`ID` of the account that owns the token, from CLOUDFLARE_ACCOUNT_ID if that is set; empty for a token of the user")
	patience := flags.Duration("patience", time.Minute, "with -in-place, how long Cloudflare may take to know the new value")
	if err := flags.Parse(args); err != nil {
		return errors.Join(errUsage, err)
	}
	if *id == "" || flags.NArg() == 0 {
		return fmt.Errorf("%w: -id and a command are needed; see -h", errUsage)
	}
	// Whatever can be found wrong is found before anything is changed.
	path, err := exec.LookPath(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
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
		return fmt.Errorf("nothing was changed: %w", err)
	}

	hand := func(ctx context.Context, value secret.Value) error {
		command := exec.CommandContext(ctx, path, flags.Args()[1:]...) //nolint:gosec // the command is what the caller asks for
		command.Stdin = strings.NewReader(value.Reveal())
		command.Stdout, command.Stderr = stderr, stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	if !*inPlace {
		created, err := client.Replace(ctx, *id, nil, func(ctx context.Context, created *cftokens.CreatedToken) error {
			return hand(ctx, created.Value)
		})
		switch {
		case err != nil && strings.Contains(err.Error(), "Client.Roll"):
			return fmt.Errorf("%w: run again with -in-place", err)
		case err != nil:
			return err
		}
		fmt.Fprintf(stdout, "token %s (%s) was replaced by %s, which was handed to %s and is active\n", *id, token.Name, created.ID, path)
		return nil
	}

	value, err := roll(ctx, client, *id)
	if err != nil {
		return err
	}
	if err := hand(ctx, value); err != nil {
		return fmt.Errorf("token %s was rolled but not handed over, its old value is dead: run again: %w", *id, err)
	}
	ctx, cancel := context.WithTimeout(ctx, *patience)
	defer cancel()
	verification, err := client.WaitUntilActive(ctx, value)
	if err != nil {
		return fmt.Errorf("token %s was rolled and handed over, but its value does not verify: %w", *id, err)
	}
	fmt.Fprintf(stdout, "token %s (%s) was rolled, handed to %s, and is %s\n", *id, token.Name, path, verification.Status)
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
