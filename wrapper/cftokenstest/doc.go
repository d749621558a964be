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
// after [Server.Close]. With [InMemory], it uses no network and works in package
// [testing/synctest], in which no call that waits takes time.
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
// observed, including inconsistent ones. Create responds with 200. An update replaces name
// and policies, and gives the policies new IDs; policies, and the groups in them, are
// returned in a different order. The old value stops working as soon as a token is
// rolled. An empty ID lists tokens. Unset properties are left out of responses, except
// that the creation of an account token returns null for last_used_on, expires_on and
// not_before (observed). Expired tokens are listed only with include_expired (documented).
// Permission groups are listed in one response, whatever page is requested, and those of
// an account do not include the user's (observed).
//
// The value of every token can be used as a credential. It is accepted while the token is
// active and valid, from the addresses that its condition allows (the address of the
// connection counts, so usually 127.0.0.1), and for what its policies grant. The
// permission groups that allow an operation are those in openapi.yaml; verify needs none.
// An update can replace the condition, but not remove it (observed).
//
// One account exists, [Server.AccountID]. Its tokens are separate from the user tokens,
// under /accounts/{account_id}/tokens, with the same operations. Both user tokens and
// account tokens can manage them, with "Account API Tokens Read" or "Account API Tokens
// Write" (documented).
//
// Values have the same length and characters as Cloudflare's, but start with "FAKE-", or
// "FAKE-account-" for account tokens, so that neither people nor scanners mistake one for
// a live credential. IDs are the same in every run.
//
// # What is rejected
//
// Only what Cloudflare was observed to reject, by this project's sources or by others who
// reported it, or documents that it does. Everything else that openapi.yaml allows succeeds.
// "Reference" is https://developers.cloudflare.com/api/resources/user/subresources/tokens/;
// what was observed is recorded in contract_test, with its source.
//
// The credential:
//
//   - None: 400 with code 1001 at verify, 400 with code 9106 elsewhere (observed). A global
//     API key and an email: 403 with code 9103, because the fake has none (observed on other
//     endpoints: https://github.com/netcccyun/dnsmgr/issues/245; the status is inferred).
//   - A malformed one, with fewer than 40 characters or with characters that tokens do not
//     contain: 400 with code 6003 (observed).
//   - An unknown one: 401, with code 1000 at verify and 10000 elsewhere (observed).
//   - That of a token that is disabled, expired, or not valid yet (documented: reference).
//     The code is inferred: like an unknown one. Verify responds with 200 and the status, as
//     the reference says.
//   - From an address that its condition excludes: 403 with code 9109 (observed).
//   - Without the permission group: 403 with code 9109 (observed).
//   - That of an account token, under /user/tokens: 403 with code 9109, and 401 with code
//     1000 at verify (observed). That of a user token, at an account's verify: 401 with code
//     1000 (observed).
//   - Of anybody, for an account that does not exist (documented: the permissions of a token
//     are on accounts that it names,
//     https://developers.cloudflare.com/fundamentals/api/reference/permissions/). The code is
//     inferred: like an account that the token has no permission for.
//
// The path and the query:
//
//   - An unknown path: 404 with codes 7003 and 7000. A method that a path does not have:
//     code 7001. An ID that is not 32 hexadecimal digits: 400 with code 7003 (observed).
//   - An unknown token ID: 404 with code 1003 (observed).
//   - A page or per_page that is not a number from 1, a direction that is not asc or desc,
//     an include_expired that is not true or false (documented: reference).
//
// The body:
//
//   - Text that is not JSON (documented: reference): 400 with code 1198 (observed:
//     https://www.npmjs.com/package/@distilled.cloud/cloudflare, as is code 7001 above).
//   - A property that is missing, null, or of another type, format or enumeration than the
//     reference says: 400 with code 400. This was observed for name, status and the ID of a
//     permission group; for the others it is documented (reference), and the code inferred.
//     Exceptions: a create may omit policies (observed), null clears not_before and
//     expires_on, and an address need not be in CIDR notation (observed).
//   - A name without characters or with more than 120: 400 with code 400 (observed).
//   - A policy with an ID in a create: 400 with code 1001 (observed).
//   - "API Tokens Write" or "Account API Tokens Write" in a policy that allows, unless the
//     token has it already: 400 with code 1001 (observed). Cloudflare issues the first token
//     that creates others in the dashboard; here it is [Server.Token], and [Server.PutToken]
//     stores others.
//   - A permission group that the creator, an account token, lacks (documented:
//     https://developers.cloudflare.com/changelog/, 2026-10-01): 400 with code 1001 (observed).
//   - A permission group of an account on zones alone: 400 with code 1001 (observed).
//   - More than 300 permission groups in a policy (observed: tests of
//     https://github.com/alchemy-run/alchemy). The code is inferred: 1001.
//   - In an account token, all zones without the account, and the names of an account's
//     zones that begin with the account: 400 with code 1001 (observed).
//   - Single Workers in a user token, or not nested in an account (documented:
//     https://developers.cloudflare.com/changelog/post/2026-09-15-granular-worker-permissions/):
//     400 with code 1001 (observed).
//   - A token beyond the quota of 50 user tokens or 500 account tokens (documented:
//     https://developers.cloudflare.com/fundamentals/api/reference/limits/): 400 with code 1001
//     (observed, for users).
//
// # What is inferred
//
// In these cases, the behavior of the real API is not known. The fake behaves as follows:
//
//   - An update that leaves out condition, status, expires_on or not_before keeps them.
//     Null clears the two times. The status does not change by itself, except that an
//     active token expires at its expires_on.
//   - An update with a condition that allows every address, such as an empty one, keeps
//     the old condition: it was observed that a condition cannot be removed, but not how
//     the API responds.
//   - Times may have fractions of a second and any offset; they are truncated to whole
//     seconds in UTC. An expires_on in the past is accepted.
//   - Properties that the API does not document are dropped.
//   - Permission groups that are not in the catalog are stored without a name. Unknown ones
//     were reported to be ignored, but the catalog is incomplete.
//   - A policy grants access to account tokens if it names their account or all accounts,
//     and to user tokens if it names a user, with the permission "*". Zones, users and
//     buckets are not checked for existence.
//   - Tokens are listed in order of creation by default.
//   - An update with an account token as the credential does not check permission groups
//     again. A create with a user token is not checked, because the user has all
//     permissions.
//   - If only the code of an error is known, its message is invented.
//   - A fault with status 400 and no body has the body of the response to a malformed
//     Authorization header, which every operation can return. An error status whose body
//     was not observed has an envelope with the status as its code.
//
// # What differs
//
// The server's own credential is a token like any other, but does not count toward the
// quota. A token's permission groups are compared with those of its
// creator, as described above, but its resources are not. There is no rate limit; the
// Ratelimit headers do not change, and [RateLimited] returns a fault with status 429.
// Changes take effect at once; at Cloudflare, they take up to a minute, during which
// verify responds with 401 to a new value: Inject a Fault with that Status. The catalog
// of permission groups is a subset, to which [WithPermissionGroups] adds: names, IDs and
// scopes are Cloudflare's, except that the IDs of the groups for single Workers
// ("Individual Workers ...") are invented; other properties are generated. Only
// /user/tokens and /accounts/{account_id}/tokens, and the paths below them, exist.
package cftokenstest
