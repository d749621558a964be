package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

//go:embed doc.go
var doc string

func main() { cli.Main("rotate", run) }

// rotated is the output of -json.
type rotated struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	ReplacedID string `json:"replaced_id,omitempty"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("rotate", flag.ContinueOnError)
	account := cli.Account(flags)
	id := flags.String("id", "", "`ID` of the token to replace or roll")
	inPlace := flags.Bool("in-place", false,
		"roll the token: its ID stays, but the old value stops working before the command\ngets the new one; for tokens that manage tokens")
	asJSON := flags.Bool("json", false, "print JSON instead of a sentence")
	patience := cli.Duration(time.Minute)
	flags.Var(&patience, "patience", "with -in-place, `duration` to wait until Cloudflare accepts the new value")
	if err := cli.Parse(flags, doc, args, stdout); err != nil {
		return err
	}
	if *id == "" || flags.NArg() == 0 {
		return cli.Usagef("-id and a command are required")
	}
	// Check as much as possible before changing anything.
	path, err := exec.LookPath(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	client, err := cli.Client(*account)
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
	result := rotated{ID: *id, Name: token.Name}
	if *inPlace {
		err = roll(ctx, client, *id, time.Duration(patience), hand)
	} else {
		result.ReplacedID = *id
		result.ID, err = replace(ctx, client, *id, hand)
	}
	switch {
	case err != nil:
		return err
	case *asJSON:
		return json.NewEncoder(stdout).Encode(result)
	case *inPlace:
		fmt.Fprintf(stdout, "token %s (%s) was rolled, handed to %s, and is active\n", *id, cli.Printable(token.Name), path)
	default:
		fmt.Fprintf(stdout, "token %s (%s) was replaced by %s, which was handed to %s and is active\n", *id, cli.Printable(token.Name), result.ID, path)
	}
	return nil
}

// replace returns the ID of the new token.
func replace(ctx context.Context, client *cftokens.Client, id string, hand func(context.Context, secret.Value) error) (string, error) {
	created, err := client.Replace(ctx, id, nil, func(ctx context.Context, created *cftokens.CreatedToken) error {
		return hand(ctx, created.Value)
	})
	switch {
	case err != nil && strings.Contains(err.Error(), "Client.Roll"):
		return "", fmt.Errorf("%w: run again with -in-place", err)
	case err != nil:
		return "", err
	}
	return created.ID, nil
}

// roll rolls the token again if the outcome of a roll is unknown, because that value is
// lost. A signal does not stop the roll and the handover, because the old value no longer
// works.
func roll(ctx context.Context, client *cftokens.Client, id string, patience time.Duration, hand func(context.Context, secret.Value) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	work := context.WithoutCancel(ctx)
	value, err := client.Roll(work, id)
	for attempt := 1; attempt < 5 && ctx.Err() == nil && errors.Is(err, cftokens.ErrOutcomeUnknown); attempt++ {
		value, err = client.Roll(work, id)
	}
	if value.IsZero() {
		return err
	}
	wait := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_, err := client.WaitUntilActive(ctx, value)
		return err
	}
	if err != nil { // the value returned with the error may not be the new one
		if errWait := wait(work); errWait != nil {
			return fmt.Errorf("token %s may have been rolled, and its old value may no longer work; run again: %w; %w", id, err, errWait)
		}
	}
	if err := hand(work, value); err != nil {
		return fmt.Errorf("token %s was rolled but not handed over, and its old value no longer works; run again: %w", id, err)
	}
	if err := wait(ctx); err != nil {
		return fmt.Errorf("token %s was rolled and handed over, but its value does not verify: %w", id, err)
	}
	return nil
}
