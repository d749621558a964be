package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

const errFound = cli.ExitError(3)

func main() { cli.Main("audit", run) }

// finding is a token and the reasons to review it.
type finding struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	LastUsed *time.Time `json:"last_used_on"`
	Expires  *time.Time `json:"expires_on"`
	Reasons  []string   `json:"reasons"`
	texts    []string   // of the reasons
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	account := cli.Account(flags)
	review := reviewer{now: time.Now()}
	review.unused = cli.Duration(flags, "unused", 90*24*time.Hour, "`duration`, such as 12h, after which an unused token is listed; default: 90d")
	review.expiring = cli.Duration(flags, "expiring", 30*24*time.Hour, "`duration` within which a token that expires is listed; default: 30d")
	flags.Func("skip", "`reason` to leave out, such as never-expires (repeatable; see above)", review.skip)
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	if err := cli.Parse(flags, doc, args, stdout, false); err != nil {
		return err
	}
	client, err := cli.Client(*account)
	if err != nil {
		return err
	}
	findings, active, err := audit(ctx, client, review, stderr)
	switch {
	case err != nil:
		return err
	case *asJSON:
		_ = cli.JSON(stdout, findings) // stdout remembers the error
	default:
		writeTable(stdout, findings)
		cli.Linef(stdout, "%d of %d active %ss to review; disabled and expired tokens are left out", len(findings), active, cli.Kind(*account))
	}
	if len(findings) > 0 {
		return errFound
	}
	return nil
}

// audit returns the findings and the number of active tokens.
func audit(ctx context.Context, client *cftokens.Client, review reviewer, stderr io.Writer) (findings []finding, active int, err error) {
	defer cli.Status(stderr, "")
	findings = []finding{}
	count := 0
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return nil, 0, err
		}
		if count++; count%50 == 0 { // a page
			cli.Status(stderr, "audit: %d tokens read", count)
		}
		if token.Status != cftokens.TokenStatusActive {
			continue
		}
		active++
		if reasons, texts := review.token(token); len(reasons) > 0 {
			findings = append(findings, finding{token.ID, token.Name, token.LastUsedOn, token.ExpiresOn, reasons, texts})
		}
	}
	return findings, active, nil
}

// writeTable writes lines of at most 100 columns, unless a character is wider than one.
func writeTable(w io.Writer, findings []finding) {
	row := func(id, name, reasons string) { fmt.Fprintf(w, "%-32s  %-28s  %s\n", id, name, reasons) }
	if len(findings) > 0 {
		row("ID", "NAME", "REASONS")
	}
	for _, f := range findings {
		id, name, line := cli.Printable(f.ID), []rune(cli.Printable(f.Name)), f.texts[0]
		if len(name) > 28 {
			name = append(name[:27], '…')
		}
		for rest := f.texts[1:]; len(rest) > 0; rest = rest[1:] {
			longer := line + ", " + rest[0]
			if comma := min(len(rest)-1, 1); 32+2+28+2+len(longer)+comma > 100 {
				row(id, string(name), line+",")
				id, name, longer = "", nil, rest[0]
			}
			line = longer
		}
		row(id, string(name), line)
	}
}

// reasons are the names of the reasons to review a token.
var reasons = []string{managesTokens, neverExpires, expiresSoon, unused, open}

// skip leaves out a reason.
func (r *reviewer) skip(reason string) error {
	if !slices.Contains(reasons, reason) {
		return fmt.Errorf("want one of %s", strings.Join(reasons, ", "))
	}
	r.skipped = append(r.skipped, reason)
	return nil
}
