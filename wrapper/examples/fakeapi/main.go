package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"net"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

func main() { cli.Main("fakeapi", run) }

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, _ io.Writer) error {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "`host:port` to listen on; port 0 is any free one")
	token := flags.String("token", "", "`credential` with all permissions; if empty, one is generated and printed")
	if err := cli.Parse(flags, doc, args, stdout); err != nil {
		return err
	}
	if err := cli.NoArgs(flags); err != nil {
		return err
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	server := cftokenstest.NewServer(
		cftokenstest.WithListener(listener), cftokenstest.WithToken(*token), cftokenstest.WithRequestLimit(0))
	defer server.Close()
	fmt.Fprintln(stdout, "export CLOUDFLARE_BASE_URL="+server.URL)
	if *token == "" {
		fmt.Fprintln(stdout, "export CLOUDFLARE_API_TOKEN="+server.Token)
	}
	fmt.Fprintln(stdout, "export CLOUDFLARE_ACCOUNT_ID="+server.AccountID)
	<-ctx.Done()
	return context.Cause(ctx)
}
