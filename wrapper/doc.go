// Package cftokens provides an unofficial client for Cloudflare's API token endpoints. It
// lists, creates, reads, updates, verifies, rolls and deletes user and account tokens,
// and finds the permission groups that their policies can grant.
//
// [NewClient] and [NewClientFromEnv] return a [Client], which authenticates with one API
// token. For example, this creates a token that can edit the DNS records of a zone:
//
//	import (
//		cftokens "github.com/cftokens/cftokens-go/wrapper"
//		"github.com/cftokens/cftokens-go/wrapper/resource"
//	)
//
//	client, err := cftokens.NewClientFromEnv()
//	if err != nil {
//		return err
//	}
//	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "DNS Write")
//	if err != nil {
//		return err
//	}
//	token, err := client.Create(ctx, cftokens.TokenCreate{Name: "dns editor", Policies: []cftokens.Policy{{
//		Effect:           cftokens.EffectAllow,
//		PermissionGroups: groups,
//		Resources:        resource.Of(resource.Zone(zoneID)),
//	}}})
//
// The value of the token, token.Value.Reveal(), cannot be retrieved again.
//
// The folder is named wrapper because the package wraps the generated package gen.
//
// [Client.Verify] needs no permission. Reads need the permission group "API Tokens Read"
// or "API Tokens Write"; all other calls need "API Tokens Write". A token cannot grant
// permissions that its creator lacks. The client sends its token only to the host of the
// base URL, and does not follow redirects.
//
// # Accounts
//
// By default, a Client manages the tokens of the user whose token it authenticates with.
// [Client.Account] returns a client for account-owned tokens, whose methods need other
// permission groups.
//
// # Pagination
//
// [Client.List] and [Client.ListPermissionGroups] return one [Page]. [Client.All] and
// [Client.AllPermissionGroups] return iterators over all items, which request pages as
// needed. If the server repeats a page, the iteration ends with an error.
//
// # Errors
//
// Check errors in this order, because one error may match several of these (see the
// example Errors):
//
//  1. [ErrOutcomeUnknown]: the request may have taken effect, whatever else the error
//     matches. Create and Roll may return a value even with an error: store it first.
//  2. [ErrInvalidArgument]: nothing was changed. The message names the field.
//  3. [ErrTokenLimit] and [ErrManagesTokens], which are also [ErrBadRequest].
//  4. [ErrUnauthorized], [ErrForbidden], [ErrNotFound], [ErrRateLimited], [ErrServer]
//     and [ErrBadRequest]: the HTTP status of an [*APIError], which has all error codes and
//     messages, and the Ray ID. Check the status, because error codes are ambiguous.
//  5. [*DecodeError]: a 2xx response could not be decoded.
//  6. The error of the context, or of the transport: there was no response.
//
// # Retries
//
// By default, a call is retried up to 3 times if that is safe; see [RetryPolicy] and
// [WithRetryPolicy].
//
//	failure                        reads     Update, Delete      Create, Roll
//	status 408 or 429              retried   retried             retried
//	page with status 408 or 429    retried   retried             ErrOutcomeUnknown
//	connection failed              retried   retried             retried
//	not processed (HTTP/2)         retried   retried             retried
//	stream refused (HTTP/2)        retried   retried             ErrOutcomeUnknown
//	status 5xx                     retried   retried             ErrOutcomeUnknown
//	connection lost, timeout       retried   retried             ErrOutcomeUnknown
//	undecodable 2xx body           retried   retried             ErrOutcomeUnknown
//	2xx body over 16 MiB           error     ErrOutcomeUnknown   ErrOutcomeUnknown
//	status 3xx or 4xx              error     error               error
//	page with status 3xx or 4xx    error     ErrOutcomeUnknown   ErrOutcomeUnknown
//	status 101                     error     ErrOutcomeUnknown   ErrOutcomeUnknown
//	certificate, refused proxy     error     error               error
//	context done after sending     error     ErrOutcomeUnknown   ErrOutcomeUnknown
//	context done before sending    error     error               error
//
// A page is a response that does not come from the API: a proxy may have put it in place
// of the response to a request that took effect. The API's own are envelopes with "success"
// false and a list of errors, or structured errors of Cloudflare's edge. A status that is
// about the request itself (407, 411, 413, 414, 417, 431) counts as the API's own.
//
// Create and Roll are not retried once a request may have taken effect: the API has no
// idempotency keys, a second Create would leave an orphaned token, and a second Roll would
// invalidate the first value. They return an error matching both [ErrOutcomeUnknown] and
// its cause. So does any call that changes something if one of its requests may have
// taken effect and the last one failed. If a retried Delete gets a 404 after an attempt
// that may have succeeded, it returns nil.
//
// A request was not sent if the HTTP client read nothing of its body and wrote no headers
// to the API. See [WithHTTPClient] for what an HTTP client must not do.
//
// # Rotation
//
// [Client.Replace] rotates a token without an outage. Use [Client.Roll] for tokens that
// manage tokens, which cannot be replaced through the API, and for values that must stop
// working at once. A new value may take up to a minute to work: [Client.WaitUntilActive]
// waits for it. Replace and WaitUntilActive make several calls, and document which of them
// are repeated or undone on failure.
//
// # Secrets
//
// Values of tokens are of type [secret.Value], which is redacted by fmt, slog and
// encoding/json; call Reveal for the string. So is the client's own credential, which is also
// redacted from error messages if a server echoes it. Logging is off by default and never
// includes headers, bodies or query strings.
//
// # Testing
//
// Package [cftokenstest] provides a fake API server for tests of code that uses this package.
//
// [cftokenstest]: https://pkg.go.dev/github.com/cftokens/cftokens-go/wrapper/cftokenstest
// [secret.Value]: https://pkg.go.dev/github.com/cftokens/cftokens-go/wrapper/secret#Value
package cftokens
