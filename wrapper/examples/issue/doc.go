/*
Command issue creates a token with exactly the permissions that its flags specify, and
prints only its value to standard output, which must not be /dev/null. Then it waits up to
two minutes until the API accepts the value. If the value cannot be printed, or a signal
arrives before it was, the token is deleted.

Usage:

	issue -name NAME -group SCOPE:GROUP [flags]
	issue -name ci -zone eb78d65290b24279ba6f44721b3ea3c4 -group "zone:DNS Write" \
		-ip 192.0.2.0/24 -expires 30d | pass insert -e ci
	issue -name deploy -account ID -worker TAG -group "worker:Individual Workers Editor"

With -json, it prints an object instead of the value:

	{"id":"…","name":"ci","account_id":null,"status":"active","expires_on":"2026-12-26T12:00:00Z","value":"…"}

account_id is null for a user token, and expires_on if the token does not expire.

Exit codes:

	0    the value was printed and works; otherwise, the message says what exists now
*/
package main
