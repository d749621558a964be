/*
Command fakeapi serves the fake of package cftokenstest on a local port, for curl and for
tests in other languages. It prints export statements for the shell with the base URL and a
credential with all permissions, unless -token is given. It runs until it is stopped.

The account and a user token have the IDs of the examples in openapi.yaml:
eb78d65290b24279ba6f44721b3ea3c4 and ed17574386854bf78a67040be0a770b0.

Usage:

	fakeapi [flags]

It does not return, so start it in the background, and wait for what it prints:

	rm -f fake.env; fakeapi >fake.env &
	until [ -s fake.env ]; do sleep 0.1; done; . ./fake.env
	curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "$CLOUDFLARE_BASE_URL/user/tokens"

A -fault makes the next request fail that it applies to. It has the form FAULT,
OPERATION:FAULT, or one of these and *TIMES. An operation is an operationId in openapi.yaml,
and a fault is a status, a delay such as 2s, limit (of tokens), drop-before or drop-after
(the request takes effect):

	fakeapi -fault 429 -fault createToken:drop-after -fault "verifyToken:401*3"

Exit codes:

	0    stopped by SIGHUP, SIGINT, SIGQUIT or SIGTERM
*/
package main
