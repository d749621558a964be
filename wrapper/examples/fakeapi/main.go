package main

import (
	"cmp"
	"context"
	_ "embed"
	"flag"
	"io"
	"net"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

func main() { cli.Main("fakeapi", run) }

// IDs of the examples in openapi.yaml.
const (
	accountID = "eb78d65290b24279ba6f44721b3ea3c4"
	example   = `{"id":"ed17574386854bf78a67040be0a770b0","name":"readonly token","policies":[{
		"id":"f267e341f3dd4697bd3b9f71dd96247f","effect":"allow",
		"permission_groups":[{"id":"c8fed203ed3043cba015a93ad1616f1f","name":"Zone Read"}],
		"resources":{"com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4":"*"}}]}`
)

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, _ io.Writer) error {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "`host:port` to listen on; port 0 is any free one")
	token := flags.String("token", "", "`credential` with all permissions; if empty, one is generated and printed")
	account := cli.ID(flags, "account", "`ID` of the account that exists, instead of the example's; it is then printed, so that the\nprograms manage account tokens")
	var faults faults
	flags.Func("fault", "`fault` of a request, such as createToken:429 (repeatable; see above)", faults.add)
	if err := cli.Parse(flags, doc, args, stdout, false); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	server := cftokenstest.NewServer(
		cftokenstest.WithListener(listener), cftokenstest.WithToken(*token), cftokenstest.WithAccountID(cmp.Or(*account, accountID)), cftokenstest.WithRequestLimit(0))
	defer server.Close()
	if _, err := server.PutToken([]byte(example)); err != nil {
		return err
	}
	if err := faults.inject(server); err != nil {
		return err
	}
	env := "export CLOUDFLARE_BASE_URL=" + server.URL + "\n"
	if *token == "" {
		env += "export CLOUDFLARE_API_TOKEN=" + server.Token + "\n"
	}
	if *account != "" {
		env += "export CLOUDFLARE_ACCOUNT_ID=" + *account + "\n"
	}
	if _, err := io.WriteString(stdout, env); err != nil { // at once, for a reader that waits for it
		return err
	}
	<-ctx.Done()
	return nil
}
