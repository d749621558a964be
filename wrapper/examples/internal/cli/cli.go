// Package cli contains what the programs share: signals, exit codes, help, flags, output.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// Exit codes. A program may have others, with [ExitError].
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130 // as in a shell: 128 and the number of SIGINT
)

// ExitError ends a program with this exit code and without a message.
type ExitError int

func (e ExitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

type usageError string

func (e usageError) Error() string { return string(e) + "; see -h" }

// Usagef returns a usage error, for which [Main] exits with 2.
func Usagef(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}

// Main calls run and exits. The first signal cancels the context of run. An error is
// printed once, in one line that begins with name. Standard output remembers the error of a
// write, so that run need not check each.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) {
	stdout := &output{File: os.Stdout}
	ctx := withSignals(name)
	err := run(ctx, os.Args[1:], stdout, os.Stderr)
	var exit ExitError
	if err == nil || errors.Is(err, flag.ErrHelp) || errors.As(err, &exit) {
		if stdout.err == nil || errors.Is(stdout.err, syscall.EPIPE) { // such as that of head
			os.Exit(int(exit))
		}
		err = stdout.err
	}
	code := exitFailure
	_, usage := errors.AsType[usageError](err)
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if cause := context.Cause(ctx); cause != nil {
		code = exitInterrupted
		text = strings.ReplaceAll(text, context.Canceled.Error(), cause.Error())
		if !strings.Contains(text, cause.Error()) {
			text = cause.Error() + ": " + text
		}
	} else if usage {
		code = exitUsage
	}
	Linef(os.Stderr, "%s: %s", name, text)
	os.Exit(code)
}

// Parse parses args. Arguments after the flags are allowed only if there is a command. For
// -h, it prints the package comment in doc, a source file, followed by what the programs
// have in common and the flags, and returns [flag.ErrHelp]. Other errors are usage errors, as
// from [Usagef], and are not printed.
func Parse(flags *flag.FlagSet, doc string, args []string, stdout io.Writer, command bool) error {
	flags.SetOutput(io.Discard) // the flag package would print errors, which Main does too
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, doc, _ = strings.Cut(doc, "/*\n")
		doc, _, _ = strings.Cut(doc, "*/")
		doc += "\t1    failure\n\t2    invalid flags\n"
		if strings.Contains(flags.Lookup("account").Usage, "CLOUDFLARE_ACCOUNT_ID") {
			doc += ofClients
		}
		fmt.Fprintf(stdout, "%s\nFlags:\n\n", doc)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	case err != nil:
		return usageError(err.Error())
	case flags.NArg() > 0 && !command:
		return Usagef("unexpected argument %q", flags.Arg(0))
	}
	return err
}

// ofClients is the part of -h about a program that calls the API.
const ofClients = `	130  interrupted by SIGHUP, SIGINT, SIGQUIT or SIGTERM

Environment:

	CLOUDFLARE_API_TOKEN   credential, with the permission group API Tokens Write,
	                       or Account API Tokens Write for account tokens;
	                       to list tokens, Read is enough
	CLOUDFLARE_ACCOUNT_ID  default of -account
	CLOUDFLARE_BASE_URL    base URL of the API, default Cloudflare's
`

// Client returns a client configured by the environment, for account tokens, or for user
// tokens if account is empty.
func Client(account string) (*cftokens.Client, error) {
	if account != "" && checkID(account) != nil {
		return nil, Usagef("CLOUDFLARE_ACCOUNT_ID %q: %v", account, checkID(account))
	}
	client, err := cftokens.NewClientFromEnv()
	if err != nil {
		if _, other := cftokens.NewClient(os.Getenv("CLOUDFLARE_API_TOKEN")); other == nil {
			return nil, fmt.Errorf("CLOUDFLARE_BASE_URL: %w", err)
		}
		return nil, err
	}
	if account == "" {
		return client, nil
	}
	return client.Account(account)
}

// Kind returns which tokens [Client] returns a client for: "user token" or "account token".
func Kind(account string) string {
	if account == "" {
		return "user token"
	}
	return "account token"
}
