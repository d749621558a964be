/*
Command audit lists the active tokens that need a review, and why. Disabled and expired
tokens are left out. If standard error is a terminal, it shows progress.

Usage:

	audit [flags]
	audit -unused 30d -skip open -json

The reasons, as in -skip and -json:

	manages-tokens  has a permission group that creates, changes and deletes tokens
	never-expires   has no expiry
	expires-soon    expires within the duration of -expiring
	unused          has not been used, or was never used, for the duration of -unused
	open            is accepted from every IPv4 or IPv6 address, apart from excluded ones

With -json, it prints an array, which may be empty, instead of a table:

	[{"id":"…","name":"ci","last_used_on":null,"expires_on":null,"reasons":["never-expires","unused"]}]

Exit codes:

	0    no tokens to review
	3    tokens to review were found
*/
package main
