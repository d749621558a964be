// Package cftokenstest provides an in-memory fake of Cloudflare's API token endpoints,
// of users and of accounts, in the style of net/http/httptest. It stores tokens, checks
// credentials, and serves real HTTP, to this module's client and to any other client of
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
// A program that calls other endpoints too needs a server that has them: wrangler whoami,
// for example, calls GET /user, /accounts and /memberships after verify. [Server] is an
// [http.Handler] whose paths begin with /client/v4, as at Cloudflare, so it can be mounted
// next to handlers for the rest:
//
//	mux := http.NewServeMux()
//	mux.Handle("/client/v4/", server)
//	mux.Handle("GET /client/v4/user", user)
//	mux.Handle("/other/", http.StripPrefix("/other", server)) // base URL: /other/client/v4
//
// # What is like the real API
//
// Responses, statuses and error codes are those that Cloudflare documents or that were
// observed, including the odd ones. The code of an error depends on the endpoint: an
// unknown value gets 401 with code 1000 at verify, and 401 with code 10000 elsewhere. A
// value that no token can have, because it is shorter than 40 characters or contains other
// characters, gets 400 with code 6003 everywhere. Create responds with 200. An update
// replaces name and policies, and gives the policies new IDs; policies, and the groups in
// them, are returned in a different order. The old value stops working as soon as a token
// is rolled. An empty ID lists tokens. Unset properties are left out of responses. A token
// may have no policies, but the list must be sent. The quota is 50 tokens for the user and
// 500 for an account.
//
// The value of every token can be used as a credential. It is accepted while the token is
// active and valid, from the addresses that its condition allows (the address of the
// connection counts, so usually 127.0.0.1), and for what its policies grant. The
// permission groups that allow an operation are those in openapi.yaml; verify needs none.
// An update can replace the condition, but not remove it.
//
// A token that is created or updated cannot be allowed to manage tokens: a policy with
// "API Tokens Read" or "API Tokens Write" is rejected with 400 and code 1001. Cloudflare
// issues the first managing token in the dashboard; here it is [Server.Token], and
// [Server.PutToken] stores others.
//
// Values have the length and the characters of Cloudflare's, and start with "FAKE-", or
// "FAKE-account-" for an account, so that neither a person nor a scanner mistakes one for
// a live credential. IDs are the same in every run.
//
// # Accounts
//
// One account exists, [Server.AccountID]. Its tokens are separate from those of the user,
// under /accounts/{account_id}/tokens, with the same operations. Documented or observed:
//
//   - Tokens of the user and of the account may manage the account's tokens with "Account
//     API Tokens Read" or "Account API Tokens Write" (documented).
//   - A token of the account cannot use /user/tokens: 403 with code 9109, and 401 with
//     code 1000 at verify (observed).
//   - Verify accepts tokens of that account only; a token of the user gets 401 with code
//     1000 (observed).
//   - An account ID that is not 32 hexadecimal digits gets code 7003 (observed).
//   - A token of the account can create only tokens whose permission groups it has
//     itself (documented): otherwise 400 with code 1001 (observed).
//   - Create returns null for last_used_on, expires_on and not_before if they are unset
//     (observed).
//   - Policies cannot name all zones at once, but must nest them in the account: "must
//     specify a zone for account owned tokens" (observed).
//
// # What is inferred
//
// How the real API behaves in these cases is not known. The fake does this:
//
//   - Verify responds with 200 and the status to a disabled or expired token, and with
//     status active and not_before to one that is not valid yet. Elsewhere these are
//     rejected like an unknown value.
//   - An update that leaves out condition, status, expires_on or not_before keeps them.
//     Null clears the two times. The status may be set to active, disabled or expired,
//     and stays what it was set to; an active token also expires by its expires_on.
//   - An update with a condition that allows every address, such as an empty one, keeps
//     the old condition: that a condition cannot be removed was observed, but not how
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
//   - An account that does not exist is treated as one that the token has no permission for:
//     403 with code 9109, and 401 with code 1000 at verify. A policy grants access to an
//     account's tokens if it names that account or all accounts.
//   - The policies of an account's token can name that account, what is nested in it, its
//     buckets, and any one zone; nothing else.
//   - An update by a token of the account does not check its permission groups again. A
//     token of the user creates as the user, who may do everything.
//   - An account's quota has the status, code and text of the user's. Its permission
//     groups are the same.
//   - A malformed account ID gets status 400. IDs are case-sensitive.
//   - Error messages for which only the code is known have a text of this package.
//   - A fault with status 400 and no body has the body of the response to a malformed
//     Authorization header, which every operation can return. An error status whose body
//     was not observed has an envelope with the status as its code.
//
// # What differs
//
// The server's own credential is a token like any other, but is not listed and does not
// count toward the quota. What a token grants is compared with the permission groups of
// its creator, as described above, but not with the resources. There is no rate limit; the
// Ratelimit headers do not change, and [RateLimited] returns a fault with status 429.
// Changes take effect at once; at Cloudflare, they take up to a minute, during which
// verify responds with 401 to a new value: Inject a Fault with that Status. The catalog of
// permission groups is a subset: names, IDs and scopes are Cloudflare's, but fewer than
// half of them are included, and their other properties are generated. Only /user/tokens
// and /accounts/{account_id}/tokens, and what is below them, exist.
package cftokenstest
