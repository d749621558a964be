// Package cftokenstest provides an in-memory fake of Cloudflare's API token endpoints,
// for users and accounts, in the style of net/http/httptest. It stores tokens, checks
// credentials, and serves real HTTP to this module's client and to any other client of
// the API.
//
//	server := cftokenstest.NewServer()
//	defer server.Close()
//	client, err := server.NewClient()
//	account, err := client.Account(server.AccountID)
//
// It needs no *testing.T, is safe for concurrent use, and leaves no goroutine behind
// after [Server.Close].
//
// # Faults and other endpoints
//
// [Server.Inject] makes requests fail. [RateLimited], [ServerError] and
// [TokenLimitReached] make it respond as the API does, and a [Fault] can delay, drop,
// truncate or replace any response.
//
// Some programs also call other endpoints: wrangler whoami, for example, calls GET /user,
// /accounts and /memberships after verify. [Server] is an [http.Handler] whose paths
// begin with /client/v4, as at Cloudflare, so it can be mounted next to handlers for
// those endpoints:
//
//	mux := http.NewServeMux()
//	mux.Handle("/client/v4/", server)
//	mux.Handle("GET /client/v4/user", user)
//	mux.Handle("/other/", http.StripPrefix("/other", server)) // base URL: /other/client/v4
//
// # What is like the real API
//
// Responses, statuses and error codes are those that Cloudflare documents or that were
// observed, including inconsistent ones. Error codes depend on the endpoint: an unknown
// value gets 401 with code 1000 at verify, and 401 with code 10000 elsewhere. A malformed
// value, with fewer than 40 characters or with characters that tokens do not contain,
// gets 400 with code 6003 everywhere. Create responds with 200. An update replaces name
// and policies, and gives the policies new IDs; policies, and the groups in them, are
// returned in a different order. The old value stops working as soon as a token is
// rolled. An empty ID lists tokens. Unset properties are left out of responses. A token
// may have no policies, but the list must be sent. The quota is 50 user tokens and 500
// account tokens.
//
// The value of every token can be used as a credential. It is accepted while the token is
// active and valid, from the addresses that its condition allows (the address of the
// connection counts, so usually 127.0.0.1), and for what its policies grant. The
// permission groups that allow an operation are those in openapi.yaml; verify needs none.
// An update can replace the condition, but not remove it.
//
// A create or an update cannot make a token that manages tokens: a policy with "API
// Tokens Read" or "API Tokens Write" is rejected with 400 and code 1001. Cloudflare
// issues the first managing token in the dashboard; here it is [Server.Token], and
// [Server.PutToken] stores others.
//
// Values have the same length and characters as Cloudflare's, but start with "FAKE-", or
// "FAKE-account-" for account tokens, so that neither people nor scanners mistake one for
// a live credential. IDs are the same in every run.
//
// # Accounts
//
// One account exists, [Server.AccountID]. Its tokens are separate from the user tokens,
// under /accounts/{account_id}/tokens, with the same operations. Documented or observed:
//
//   - Both user tokens and account tokens can manage account tokens, with "Account API
//     Tokens Read" or "Account API Tokens Write" (documented).
//   - An account token cannot use /user/tokens: 403 with code 9109, and 401 with code
//     1000 at verify (observed).
//   - The account's verify accepts only tokens of that account; a user token gets 401
//     with code 1000 (observed).
//   - An account ID that is not 32 hexadecimal digits gets code 7003 (observed).
//   - An account token can create only tokens with permission groups that it has itself
//     (documented); otherwise, it gets 400 with code 1001 (observed).
//   - Create returns null for last_used_on, expires_on and not_before if they are unset
//     (observed).
//   - Policies of account tokens cannot name all zones directly, but must nest them in
//     the account: "must specify a zone for account owned tokens" (observed).
//
// # What is inferred
//
// In these cases, the behavior of the real API is not known. The fake behaves as follows:
//
//   - Verify responds with 200 and the status to a disabled or expired token, and with
//     status active and not_before to one that is not valid yet. Elsewhere these are
//     rejected like an unknown value.
//   - An update that leaves out condition, status, expires_on or not_before keeps them.
//     Null clears the two times. The status can be set to active, disabled or expired,
//     and does not change by itself, except that an active token expires at its
//     expires_on.
//   - An update with a condition that allows every address, such as an empty one, keeps
//     the old condition: it was observed that a condition cannot be removed, but not how
//     the API responds.
//   - Times may have fractions of a second and any offset; they are truncated to whole
//     seconds in UTC. An expires_on in the past is accepted.
//   - Properties that the API does not document are dropped.
//   - An update with a policy ID is rejected like a create with one.
//   - A group and a resource of different scopes cannot share a policy. Zones, users and
//     buckets are not checked for existence.
//   - Tokens are listed in order of creation by default, and expired ones only on
//     request. A page of permission groups has 20, or as many as requested, up to 1000.
//   - A global API key (X-Auth-Key) is always unknown: 403 with code 9103.
//   - "Account API Tokens Read" and "Account API Tokens Write" cannot be granted to a
//     created or updated token either, and none of the four groups to a token of either
//     kind. A policy that denies them is accepted.
//   - An account that does not exist is treated as one that the token has no permission
//     for: 403 with code 9109, and 401 with code 1000 at verify. A policy grants access
//     to account tokens if it names their account or all accounts.
//   - The policies of an account token can name only its account, resources nested in
//     that account, the account's buckets, and any single zone.
//   - An update with an account token as the credential does not check permission groups
//     again. A create with a user token is not checked, because the user has all
//     permissions.
//   - If an account's quota is used up, the response is the same as for a user. So is the
//     list of permission groups.
//   - A malformed account ID gets status 400. IDs are case-sensitive.
//   - If only the code of an error is known, its message is invented.
//   - A fault with status 400 and no body has the body of the response to a malformed
//     Authorization header, which every operation can return. An error status whose body
//     was not observed has an envelope with the status as its code.
//
// # What differs
//
// The server's own credential is a token like any other, but is not listed and does not
// count toward the quota. A token's permission groups are compared with those of its
// creator, as described above, but its resources are not. There is no rate limit; the
// Ratelimit headers do not change, and [RateLimited] returns a fault with status 429.
// Changes take effect at once; at Cloudflare, they take up to a minute, during which
// verify responds with 401 to a new value: Inject a Fault with that Status. The catalog
// of permission groups is a subset: names, IDs and scopes are Cloudflare's, but fewer
// than half of them are included, and their other properties are generated. Only
// /user/tokens and /accounts/{account_id}/tokens, and the paths below them, exist.
package cftokenstest
