// Package cli contains code shared by the programs: exit codes, signals, help and flags.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

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

// Main calls run and exits. The context of run is canceled by the first SIGINT or
// SIGTERM; a second one kills the program. An error is printed once, prefixed by name.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	// Writing to a closed pipe then returns an error, so run can clean up. Child processes
	// do not inherit this.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	var exit ExitError
	var usage usageError
	code := exitFailure
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return
	case errors.As(err, &exit):
		os.Exit(int(exit))
	case ctx.Err() != nil:
		code = exitInterrupted
	case errors.As(err, &usage):
		code = exitUsage
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	os.Exit(code)
}

// Parse parses args. For -h, it prints the package comment in doc, a source file, followed
// by the flags, and returns [flag.ErrHelp]. Other errors are usage errors, as from [Usagef],
// and are not printed.
func Parse(flags *flag.FlagSet, doc string, args []string, stdout io.Writer) error {
	flags.SetOutput(io.Discard) // the flag package would print errors, which Main does too
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, doc, _ = strings.Cut(doc, "/*\n")
		doc, _, _ = strings.Cut(doc, "*/")
		fmt.Fprintf(stdout, "%s\nFlags:\n\n", doc)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	case err != nil:
		return usageError(err.Error())
	}
	return err
}

// NoArgs rejects arguments after the flags.
func NoArgs(flags *flag.FlagSet) error {
	if flags.NArg() > 0 {
		return Usagef("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// Account defines the flag -account.
func Account(flags *flag.FlagSet) *string {
	return flags.String("account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"`ID` of the account that owns the tokens, default CLOUDFLARE_ACCOUNT_ID; if empty, user tokens are used")
}

// Client returns a client configured by the environment, for account tokens, or for user
// tokens if account is empty.
func Client(account string) (*cftokens.Client, error) {
	client, err := cftokens.NewClientFromEnv()
	if err != nil || account == "" {
		return client, err
	}
	return client.Account(account)
}

// Printable returns text with replacement characters for those that could control a
// terminal or break a table.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// IsTerminal reports whether w is a character device, such as a terminal.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Stat() (os.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
