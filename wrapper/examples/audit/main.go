// Command audit lists the tokens that deserve a look: those that never expire, are
// unused for a long time, or are open to every address.
//
// Exit status: 0 no such token, 1 there are some, 2 the command line is wrong or
// the API failed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

const usage = `Lists active tokens that never expire, are unused for long, or are open to every address. Example:
  audit -unused 2160h -json
Authenticates with CLOUDFLARE_API_TOKEN, which needs the permission group API Tokens Read, or Account API Tokens Read
for the tokens of an account.
`

var errFound = errors.New("tokens were found")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr, time.Now())
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFound):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(2)
	}
}

// finding is a token with what is to be said of it.
type finding struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	LastUsed *time.Time `json:"last_used_on"`
	Expires  *time.Time `json:"expires_on"`
	Reasons  []string   `json:"reasons"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer, now time.Time) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	unused := flags.Duration("unused", 90*24*time.Hour, "how long a token may be unused")
	account := flags.String("account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"`ID` of the account whose tokens to list, from CLOUDFLARE_ACCOUNT_ID if that is set; empty for the user's tokens")
	asJSON := flags.Bool("json", false, "print JSON in place of a table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -h", flags.Arg(0))
	}
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		return err
	}
	if *account != "" {
		if client, err = client.Account(*account); err != nil {
			return err
		}
	}
	findings := []finding{}
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return err
		}
		if reasons := look(token, now, *unused); len(reasons) > 0 {
			findings = append(findings, finding{token.ID, token.Name, token.LastUsedOn, token.ExpiresOn, reasons})
		}
	}
	if err := write(stdout, findings, *asJSON); err != nil {
		return err
	}
	if len(findings) > 0 {
		return errFound
	}
	return nil
}

// look returns what is to be said of a token. One that is not active harms nobody.
func look(token *cftokens.Token, now time.Time, unused time.Duration) (reasons []string) {
	if token.Status != cftokens.TokenStatusActive {
		return nil
	}
	if token.ExpiresOn == nil {
		reasons = append(reasons, "never expires")
	}
	// A token that was never used counts from its creation.
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
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.ID, f.Name, day(f.LastUsed), day(f.Expires), strings.Join(f.Reasons, ", "))
	}
	return table.Flush()
}

func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.DateOnly)
}
