// Package cftokenstest is an in-memory fake of Cloudflare's user API token
// endpoints, as net/http/httptest is one of a server: it keeps tokens, judges
// credentials and answers over real HTTP, to this module's client and to any other
// client of the API.
//
//	server := cftokenstest.NewServer()
//	defer server.Close()
//	client, err := server.NewClient()
//
// It needs no *testing.T, is safe for concurrent use, and leaves no goroutine
// behind after [Server.Close].
//
// # What it does as the real API
//
// Answers, statuses and error codes are those that Cloudflare documents or was seen
// to send, the odd ones included. An error's code depends on the endpoint: an
// unknown value is 401 with code 1000 at verify, and 401 with code 10000 elsewhere.
// A create answers 200. Name and policies are replaced by an update, policy ids are
// renewed by it, and policies and the groups in them come back in another order. A
// rolled value is dead at once. An empty id answers the list. Missing values are
// left out of answers. The quota is 50 tokens.
//
// Every value that a token is given can be used as a credential. It is accepted
// while its token is active and within its dates, from the addresses that its
// condition admits (it is the connection's address that counts, so 127.0.0.1 as a
// rule), and for what its policies grant: reading needs "API Tokens Read" or
// "API Tokens Write", changing "API Tokens Write", verify neither.
//
// Values look like Cloudflare's in length and characters, and begin with "FAKE-", so
// that neither a person nor a scanner takes one for a live credential. Ids are the
// same in every run.
//
// # What is inferred
//
// Nobody has published what the real API does in these cases; here:
//
//   - verify answers 200 with the status for a disabled or expired token, and with
//     status active and not_before for one that is not valid yet. Elsewhere these
//     are refused like an unknown value.
//   - An update that leaves out condition, status, expires_on or not_before keeps
//     them. Null clears the two times. An empty condition replaces the old one, and
//     so lifts its restriction. The status may be set to active, disabled or
//     expired, and stays what it was set to; an active token also expires by its
//     expires_on.
//   - Times may have fractions of a second and any offset; they are cut to whole
//     seconds in UTC. An expires_on in the past is accepted.
//   - Properties that the API does not document are dropped.
//   - An update that carries a policy id is refused like a create that does.
//   - A group and a resource of different scopes cannot share a policy. Whether a
//     zone, account, user or bucket exists is not asked.
//   - The list is in order of creation unless asked otherwise, and leaves out expired
//     tokens unless asked for. Permission groups come 20 to a page, or as many as
//     asked, up to 1000.
//   - A global API key (X-Auth-Key) is always unknown: 403 with code 9103.
//   - The texts of messages, where only their codes are known.
//
// # What differs
//
// The server's own credential is a token like any other, but is not listed and does
// not count toward the quota. Any token may grant anything: the fake does not hold a
// creator's own permissions against what it grants. There is no rate limit; the
// Ratelimit headers stand still, and [Server.Inject] makes a 429. Changes are seen
// at once, where Cloudflare takes up to a minute. The catalogue of permission groups
// is a stand-in: names, ids and scopes are Cloudflare's, but less than half of them.
// Only /user/tokens and what is below it exists.
package cftokenstest
