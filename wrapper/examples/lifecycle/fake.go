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

// onFake runs the demo for the user and for an account. Then it searches what was
// printed and logged for every value that the fake has issued.
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

	fmt.Fprintln(out, "The life cycle of an API token, on an in-memory fake of the API: nothing is sent to Cloudflare")
	for _, owner := range []struct {
		name   string
		client *cftokens.Client
	}{{"the user", client}, {"account " + short(server.AccountID), account}} {
		fmt.Fprintf(out, "\nA token of %s\n", owner.name)
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

// values collects the values that the server issues. A value lasts until a later request
// rolls or deletes its token, so it does so after every request.
type values struct {
	server *cftokenstest.Server
	issued map[string]bool
}

func newValues(server *cftokenstest.Server) *values {
	return &values{server, map[string]bool{server.Token: true}}
}

// options makes a client log everything to log, and its requests go through v.
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
