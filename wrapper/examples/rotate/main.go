package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
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
	id := cli.ID(flags, "id", "`ID` of the token to replace or roll")
	inPlace := flags.Bool("in-place", false,
		"roll the token: its ID stays, but the old value stops working before the command\ngets the new one; for tokens that manage tokens")
	asJSON := flags.Bool("json", false, "print JSON instead of a sentence")
	patience := cli.Duration(flags, "patience", time.Minute, "with -in-place, `duration` to wait until Cloudflare accepts the new value; default: 1m")
	if err := cli.Parse(flags, doc, args, stdout, true); err != nil {
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
	store := &store{path, flags.Args()[1:], stderr}
	client, err := cli.Client(*account)
	if err != nil {
		return err
	}
	token, err := client.Get(ctx, *id)
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}

	kind := cli.Kind(*account)
	result := rotated{ID: *id, Name: token.Name}
	done := fmt.Sprintf("%s %s (%s) was rolled, handed to %s, and is active", kind, *id, token.Name, path)
	if *inPlace {
		err = roll(ctx, client, *id, *patience, store)
	} else {
		cli.Status(stderr, "rotate: waiting up to 2 minutes until the value of the copy works")
		result.ReplacedID = *id
		result.ID, err = replace(ctx, client, *id, store)
		done = fmt.Sprintf("%s %s (%s) was replaced by %s, which was handed to %s and is active", kind, *id, token.Name, result.ID, path)
	}
	cli.Status(stderr, "")
	if err != nil {
		return err
	}
	if *asJSON {
		err = cli.JSON(stdout, result)
	} else {
		_, err = fmt.Fprintln(stdout, cli.Printable(done))
	}
	if err != nil {
		return fmt.Errorf("%s; %w", done, err)
	}
	return nil
}

// replace returns the ID of the new token.
func replace(ctx context.Context, client *cftokens.Client, id string, store *store) (string, error) {
	created, err := client.Replace(ctx, id, nil, func(ctx context.Context, created *cftokens.CreatedToken) error {
		return store.run(ctx, created.Value)
	})
	switch {
	case errors.Is(err, cftokens.ErrManagesTokens):
		return "", fmt.Errorf("nothing was changed: token %s manages tokens, so it cannot be replaced; run again with -in-place", id)
	case err != nil:
		return "", err
	}
	return created.ID, nil
}

// roll rolls the token again if the outcome of a roll is unknown, because that value is
// lost. A signal does not stop the roll and the handover, because the old value no longer
// works.
func roll(ctx context.Context, client *cftokens.Client, id string, patience time.Duration, store *store) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	work := context.WithoutCancel(ctx)
	value, err := client.Roll(work, id)
	unknown := errors.Is(err, cftokens.ErrOutcomeUnknown)
	for attempt := 1; attempt < 5 && ctx.Err() == nil && errors.Is(err, cftokens.ErrOutcomeUnknown); attempt++ {
		value, err = client.Roll(work, id)
	}
	switch {
	case value.IsZero() && unknown:
		return fmt.Errorf("token %s may have been rolled, and its old value may no longer work; run again: %w", id, err)
	case value.IsZero():
		return err
	}
	wait := func(ctx context.Context) error {
		cli.Status(store.stderr, "rotate: waiting up to %s until the new value works", patience)
		defer cli.Status(store.stderr, "")
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
	if err := store.run(work, value); err != nil {
		return fmt.Errorf("token %s was rolled but not handed over, and its old value no longer works; run again: %w", id, err)
	}
	if err := wait(ctx); err != nil {
		return fmt.Errorf("token %s was rolled and handed over, but its value is not known to work yet: %w", id, err)
	}
	return nil
}
