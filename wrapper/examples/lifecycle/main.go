package main

import (
	"cmp"
	"context"
	_ "embed"
	"flag"
	"io"
	"os"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

func main() { cli.Main("lifecycle", run) }

func run(ctx context.Context, args []string, stdout, _ io.Writer) error {
	flags := flag.NewFlagSet("lifecycle", flag.ContinueOnError)
	account := cli.Account(flags)
	live := flags.Bool("live", false, "use the real API; requires -zone")
	zone := cli.ID(flags, "zone", "with -live, `ID` of the zone that the token can access")
	if err := cli.Parse(flags, doc, args, stdout, false); err != nil {
		return err
	}
	if !*live {
		var ignored error
		flags.Visit(func(f *flag.Flag) { ignored = cli.Usagef("-%s has no effect without -live", f.Name) })
		if ignored != nil {
			return ignored
		}
		return onFake(ctx, stdout)
	}
	if *zone == "" {
		return cli.Usagef("-live requires -zone, the ID of one of your zones")
	}
	client, err := cli.Client(*account)
	if err != nil {
		return err
	}
	base := cmp.Or(os.Getenv("CLOUDFLARE_BASE_URL"), cftokens.DefaultBaseURL)
	cli.Linef(stdout, "The lifecycle of an API token (%s) at %s", cli.Kind(*account), base)
	return (&demo{out: stdout, client: client, zone: *zone}).run(ctx)
}
