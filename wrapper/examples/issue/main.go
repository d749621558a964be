package main

import (
	"context"
	_ "embed"
	"encoding/json"
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
	Status  cftokens.TokenStatus `json:"status"`
	Expires *time.Time           `json:"expires_on"`
	Value   string               `json:"value"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	want, err := parse(args, stdout)
	if err != nil {
		return err
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
	if want.expires > 0 {
		expires := time.Now().Add(time.Duration(want.expires))
		create.ExpiresOn = &expires
	}
	token, err := client.Create(ctx, create)
	if token == nil {
		return err
	}
	if err == nil {
		err = write(stdout, token, want.json)
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
			return fmt.Errorf("token %s (%s) was created and could not be deleted: %w: %w", token.ID, want.name, err, errDelete)
		}
		return fmt.Errorf("token %s (%s) was created and deleted again: %w", token.ID, want.name, err)
	}
	verification, err := client.WaitUntilActive(ctx, token.Value)
	if err != nil {
		return fmt.Errorf("the value of token %s (%s) was printed but does not work yet: %w", token.ID, token.Name, err)
	}
	fmt.Fprintf(stderr, "token %s (%s) is %s\n", token.ID, token.Name, verification.Status)
	return nil
}

func write(w io.Writer, token *cftokens.CreatedToken, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(issued{token.ID, token.Name, token.Status, token.ExpiresOn, token.Value.Reveal()})
	}
	_, err := fmt.Fprintln(w, token.Value.Reveal())
	return err
}
