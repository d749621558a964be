package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// onFake runs the demo for a user token and an account token. Then it searches the output
// and the log for every value that the fake issued.
func onFake(ctx context.Context, stdout io.Writer) error {
	start := time.Now()
	server := cftokenstest.NewServer()
	defer server.Close()
	var written bytes.Buffer
	out := io.MultiWriter(stdout, &written)
	values := newValues(server)
	client, err := server.NewClient(values.options(&written)...)
	if err != nil {
		return err
	}
	account, err := client.Account(server.AccountID)
	if err != nil {
		return err
	}

	fmt.Fprintln(out, "The lifecycle of an API token, on an in-memory fake: nothing is sent to Cloudflare")
	for _, owner := range []struct {
		name   string
		client *cftokens.Client
	}{{"User token", client}, {"Account token of account " + short(server.AccountID), account}} {
		fmt.Fprintf(out, "\n%s\n", owner.name)
		if err := (&demo{out: out, client: owner.client, zone: "eb78d65290b24279ba6f44721b3ea3c4"}).run(ctx); err != nil {
			return err
		}
	}
	operations := map[string]bool{}
	for _, req := range server.Requests() {
		operations[req.Operation] = true
	}
	leaked := values.leaked(written.String())
	fmt.Fprintf(stdout, "\n%d operations, %d leaked values, %.2f s\n", len(operations), leaked, time.Since(start).Seconds())
	if leaked > 0 {
		return fmt.Errorf("%d of %d values were printed or logged", leaked, len(values.issued))
	}
	return nil
}

// values collects the values that the server issues. It does so after every request,
// because a later request may roll or delete the token.
type values struct {
	server *cftokenstest.Server
	issued map[string]bool
}

func newValues(server *cftokenstest.Server) *values {
	return &values{server, map[string]bool{server.Token: true}}
}

// options returns options for a client that logs everything to log and sends requests
// through v.
func (v *values) options(log io.Writer) []cftokens.Option {
	return []cftokens.Option{
		cftokens.WithHTTPClient(&http.Client{Transport: v}),
		cftokens.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
}

func (v *values) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	for _, token := range slices.Concat(v.server.Tokens(), v.server.AccountTokens()) {
		value, _ := v.server.Value(token.ID)
		v.issued[value.Reveal()] = true
	}
	return resp, err
}

// leaked returns how many of the values text contains.
func (v *values) leaked(text string) (n int) {
	for value := range v.issued {
		if strings.Contains(text, value) {
			n++
		}
	}
	return n
}
