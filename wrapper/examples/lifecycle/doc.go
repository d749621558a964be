/*
Command lifecycle takes a token of the user, then one of an account, through its life
cycle: find permission groups, create, verify, list, edit, roll, delete, with a line for
each step. It runs on an in-memory fake of the API, and fails if a step does not do what it
says, or if the value of a token was printed or logged. With -live, it uses the real API,
for a token of the user or of an account, and deletes what it created.

Usage:

	lifecycle
	lifecycle -live -zone eb78d65290b24279ba6f44721b3ea3c4

Environment, with -live:

	CLOUDFLARE_API_TOKEN   credential, with the permission group API Tokens Write,
	                       or Account API Tokens Write for a token of an account
	CLOUDFLARE_ACCOUNT_ID  default of -account
	CLOUDFLARE_BASE_URL    base URL of the API, default Cloudflare's

Exit codes:

	0    every step did what it says
	1    failure
	2    invalid flags
	130  interrupted by SIGINT or SIGTERM
*/
package main
