package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
)

//go:embed doc.go
var doc string

const errFound = cli.ExitError(3)

func main() {
	cli.Main("audit", func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		return run(ctx, args, stdout, stderr, time.Now())
	})
}

// finding is a token and the reasons to review it.
type finding struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	LastUsed *time.Time `json:"last_used_on"`
	Expires  *time.Time `json:"expires_on"`
	Reasons  []string   `json:"reasons"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, now time.Time) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	account := cli.Account(flags)
	unused := cli.Duration(90 * 24 * time.Hour)
	flags.Var(&unused, "unused", "`duration`, such as 90d or 12h, after which an unused token is listed")
	asJSON := flags.Bool("json", false, "print JSON instead of a table")
	if err := cli.Parse(flags, doc, args, stdout); err != nil {
		return err
	}
	if err := cli.NoArgs(flags); err != nil {
		return err
	}
	client, err := cli.Client(*account)
	if err != nil {
		return err
	}
	findings, err := audit(ctx, client, now, time.Duration(unused), stderr)
	if err != nil {
		return err
	}
	if err := write(stdout, findings, *asJSON); err != nil {
		return err
	}
	if len(findings) > 0 {
		return errFound
	}
	return nil
}

// audit shows its progress on stderr after each full page, if that is a terminal.
func audit(ctx context.Context, client *cftokens.Client, now time.Time, unused time.Duration, stderr io.Writer) ([]finding, error) {
	const every = 50 // tokens per page
	findings, count, progress := []finding{}, 0, cli.IsTerminal(stderr)
	defer func() {
		if progress && count >= every {
			fmt.Fprint(stderr, "\r\x1b[K") // clears the line
		}
	}()
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if count++; progress && count%every == 0 {
			fmt.Fprintf(stderr, "\raudit: %d tokens read", count)
		}
		if reasons := review(token, now, unused); len(reasons) > 0 {
			findings = append(findings, finding{token.ID, token.Name, token.LastUsedOn, token.ExpiresOn, reasons})
		}
	}
	return findings, nil
}

// review returns the reasons to review a token. Inactive tokens are harmless.
func review(token *cftokens.Token, now time.Time, unused time.Duration) (reasons []string) {
	if token.Status != cftokens.TokenStatusActive {
		return nil
	}
	if token.ExpiresOn == nil {
		reasons = append(reasons, "never expires")
	}
	// A token that was never used has been unused since its creation.
	last := token.LastUsedOn
	if last == nil {
		last = token.IssuedOn
	}
	if last != nil && now.Sub(*last) > unused {
		reasons = append(reasons, "unused")
	}
	if len(token.Condition.RequestIP.In) == 0 {
		reasons = append(reasons, "open to every address")
	}
	return reasons
}

func write(w io.Writer, findings []finding, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(findings)
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tLAST USED\tEXPIRES\tREASONS")
	for _, f := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.ID, cli.Printable(f.Name), day(f.LastUsed), day(f.Expires), strings.Join(f.Reasons, ", "))
	}
	return table.Flush()
}

func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.DateOnly)
}
