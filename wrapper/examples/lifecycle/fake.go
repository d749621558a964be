package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// onFake runs the demo for a user token and an account token. Then it searches the output
// and the log for every value that the fake issued.
func onFake(ctx context.Context, stdout io.Writer) error {
	server := cftokenstest.NewServer()
	defer server.Close()
	var written bytes.Buffer
	out := io.MultiWriter(stdout, &written)
	log := slog.New(slog.NewTextHandler(&written, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client, err := server.NewClient(cftokens.WithLogger(log))
	if err != nil {
		return err
	}
	account, err := client.Account(server.AccountID)
	if err != nil {
		return err
	}

	values := []string{server.Token}
	fmt.Fprintln(out, "The lifecycle of an API token, on an in-memory fake: nothing is sent to Cloudflare")
	for _, owner := range []struct {
		name   string
		client *cftokens.Client
	}{{"User token", client}, {"Account token of account " + short(server.AccountID), account}} {
		fmt.Fprintf(out, "\n%s\n", owner.name)
		d := demo{out: out, client: owner.client, zone: "eb78d65290b24279ba6f44721b3ea3c4"}
		if err := d.run(ctx); err != nil {
			return err
		}
		values = append(values, d.values...)
	}
	leaked := 0
	for _, value := range values {
		leaked += strings.Count(written.String(), value)
	}
	fmt.Fprintf(stdout, "\n%d of %d values were printed or logged\n", leaked, len(values))
	if leaked > 0 {
		return errors.New("a value was printed or logged")
	}
	return nil
}
