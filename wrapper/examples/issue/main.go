package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

func main() { cli.Main("issue", run) }

// issued is the output of -json.
type issued struct {
	ID      string               `json:"id"`
	Name    string               `json:"name"`
	Account *string              `json:"account_id"`
	Status  cftokens.TokenStatus `json:"status"`
	Expires *time.Time           `json:"expires_on"`
	Value   string               `json:"value"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	want, err := parse(args, stdout)
	if err != nil {
		return err
	}
	if cli.Discards(stdout) {
		return errors.New("nothing was created: standard output is closed or /dev/null, so the value would be lost")
	}
	client, err := cli.Client(want.account)
	if err != nil {
		return err
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
	if *want.expires > 0 {
		expires := time.Now().Add(*want.expires)
		create.ExpiresOn = &expires
	}
	kind := cli.Kind(want.account)
	token, err := client.Create(cli.Linger(ctx, 10*time.Second), create)
	switch {
	case token != nil:
	case errors.Is(err, cftokens.ErrOutcomeUnknown):
		return fmt.Errorf("%s %q may have been created: %w", kind, want.name, err)
	default:
		return err
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = write(stdout, token, want)
	}
	if err != nil {
		// The value was not printed, or the reader discards it because issue fails.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if token.ID == "" { // the response to the create was incomplete
			if verification, _ := client.WaitUntilActive(ctx, token.Value); verification != nil {
				token.ID = verification.ID
			}
		}
		if errDelete := client.Delete(ctx, token.ID); errDelete != nil {
			return fmt.Errorf("%s %s (%s) was created and could not be deleted: %w: %w", kind, token.ID, want.name, err, errDelete)
		}
		return fmt.Errorf("%s %s (%s) was created and deleted again: %w", kind, token.ID, want.name, err)
	}
	cli.Status(stderr, "issue: waiting up to 2 minutes until the value works")
	verification, err := client.WaitUntilActive(ctx, token.Value)
	cli.Status(stderr, "")
	if err != nil {
		return fmt.Errorf("the value of %s %s (%s) was printed, but is not known to work yet: %w", kind, token.ID, token.Name, err)
	}
	cli.Linef(stderr, "%s %s (%s) is %s", kind, token.ID, token.Name, verification.Status)
	return nil
}

func write(w io.Writer, token *cftokens.CreatedToken, want *grant) error {
	if want.json {
		out := issued{ID: token.ID, Name: token.Name, Status: token.Status, Expires: token.ExpiresOn, Value: token.Value.Reveal()}
		if want.account != "" {
			out.Account = &want.account
		}
		return cli.JSON(w, out)
	}
	_, err := fmt.Fprintln(w, token.Value.Reveal())
	return err
}
