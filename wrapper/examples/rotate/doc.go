/*
Command rotate replaces a token with a copy, waits until the value of the copy works,
passes it to the standard input of a command, and deletes the old token if the command
succeeds. A signal ends the command with SIGTERM; it has 10 seconds to clean up.

With -in-place, it rolls the token instead. Signals then neither stop rotate nor the
command, because the old value no longer works; a second SIGINT or SIGQUIT ends rotate.

The value is never printed. The output of the command goes to standard error.

Usage:

	rotate -id ID [flags] -- COMMAND [ARGUMENTS]
	rotate -id ed17574386854bf78a67040be0a770b0 -- \
		kubectl create secret generic cloudflare --from-file=token=/dev/stdin

With -json, it prints an object instead of a sentence. With -in-place, the object has no
replaced_id:

	{"id":"…","name":"deploy","replaced_id":"ed17574386854bf78a67040be0a770b0"}

Exit codes:

	0    the new value was handed over and works; otherwise, the message says what exists now
*/
package main
