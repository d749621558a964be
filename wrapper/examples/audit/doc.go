/*
Command audit lists the active tokens that never expire, have not been used for a long
time, or are open to every address. On a terminal, it shows its progress through a long
list.

Usage:

	audit [flags]
	audit -unused 90d -json

With -json, it prints an array instead of the table, empty if there are no such tokens:

	[{"id": "…", "name": "ci", "last_used_on": null, "expires_on": null, "reasons": ["never expires", "unused"]}]

The reasons are "never expires", "unused" and "open to every address".

Environment:

	CLOUDFLARE_API_TOKEN   credential, with the permission group API Tokens Read,
	                       or Account API Tokens Read for the tokens of an account
	CLOUDFLARE_ACCOUNT_ID  default of -account
	CLOUDFLARE_BASE_URL    base URL of the API, default Cloudflare's

Exit codes:

	0    no such tokens were found
	1    failure
	2    invalid flags
	3    such tokens were found
	130  interrupted by SIGINT or SIGTERM
*/
package main
