/*
Command audit lists the active tokens that never expire, have not been used for a long
time, or are accepted from any address. If standard error is a terminal, it shows progress.

Usage:

	audit [flags]
	audit -unused 90d -json

With -json, it prints an array, which may be empty, instead of a table:

	[{"id": "…", "name": "ci", "last_used_on": null, "expires_on": null, "reasons": ["never expires", "unused"]}]

The reasons are "never expires", "unused" and "open to every address".

Environment:

	CLOUDFLARE_API_TOKEN   credential, with the permission group API Tokens Read,
	                       or Account API Tokens Read for account tokens
	CLOUDFLARE_ACCOUNT_ID  default of -account
	CLOUDFLARE_BASE_URL    base URL of the API, default Cloudflare's

Exit codes:

	0    no tokens to review
	1    failure
	2    invalid flags
	3    tokens to review were found
	130  interrupted by SIGINT or SIGTERM
*/
package main
