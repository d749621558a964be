// Command fakeapi serves the fake of package cftokenstest on a port of this machine,
// for tests in other languages and for curl. It prints what clients of the API read
// from the environment, as lines to paste into a shell: the base URL, a credential that
// may do everything (unless -token is given), and the ID of an account that exists.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fakeapi:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Serves a fake of the API until it is interrupted. Example: go run ./wrapper/examples/fakeapi -addr 127.0.0.1:8787")
		flags.PrintDefaults()
	}
	addr := flags.String("addr", "127.0.0.1:0", "`host:port` to listen on; port 0 takes a free one")
	token := flags.String("token", "", "credential that may do everything; if it is empty, one is generated and printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
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
	return nil
}
