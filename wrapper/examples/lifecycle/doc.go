/*
Command lifecycle takes a user token and then an account token through its lifecycle: find
permission groups, create, verify, list, edit, roll, delete. It prints a line for each step.
It runs against an in-memory fake of the API, and fails if a step does not have the expected
result, or if the value of a token was printed or logged.

With -live, it uses the real API, for a user token or an account token. It deletes the tokens
that it created, also after a signal.

Usage:

	lifecycle
	lifecycle -live -zone eb78d65290b24279ba6f44721b3ea3c4

Exit codes:

	0    every step had the expected result
*/
package main
