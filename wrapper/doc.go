// Package cftokens manages the API tokens of a Cloudflare user: it lists, creates,
// reads, changes, verifies, rolls and deletes them, and finds the permission groups
// that they may be given. It is unofficial.
//
//	client, err := cftokens.NewClientFromEnv()
//	if err != nil {
//		return err
//	}
//	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(token.ID, token.Name, token.Status)
//	}
//
// The types are generated from an OpenAPI document, openapi.yaml in this module,
// and so is the HTTP client below this package; [Client.Generated] gives access to
// it.
//
// # Authentication
//
// A [Client] signs its requests with one user API token. [Client.Verify] works with
// any. Reading needs the permission group "API Tokens Read" or "API Tokens Write",
// everything else "API Tokens Write". A token cannot grant more than its creator
// has. The token goes to the host of the base URL only: redirects to another host,
// or to plain http, are refused.
//
// # Pagination
//
// [Client.List] and [Client.ListPermissionGroups] return one [Page]. [Client.All]
// and [Client.PermissionGroups] range over every page, 50 items a page, one request
// at a time, and none beyond the last page. They follow the API's totals where it
// gives any, and a server that repeats a page ends them in an error.
//
// # Errors
//
// An answer that is not a success is an [*APIError], with the status and every code
// and message. Test for a status with [errors.Is] and [ErrNotFound] and its like.
// Classify by status first: the API gives one code several meanings. A success
// whose body cannot be used is a [*DecodeError]. An argument that cannot be right is
// refused before sending, with an error that matches [ErrInvalidArgument] and names
// the field.
//
// # Retries
//
// Every call gets up to 3 retries by default, where that is safe; see [RetryPolicy]
// and [WithRetryPolicy].
//
//	failure                       reads, Update, Delete   Create, Roll
//	status 429                    tried again             tried again
//	no connection was made        tried again             tried again
//	status 5xx                    tried again             ErrOutcomeUnknown
//	connection lost, timeout      tried again             ErrOutcomeUnknown
//	2xx with an unusable body     tried again             ErrOutcomeUnknown
//	2xx longer than 16 MiB        error                   ErrOutcomeUnknown
//	any other status              error                   error
//	context ended, sent           error                   ErrOutcomeUnknown
//	context ended, not sent       error                   error
//
// A Create or a Roll is never sent twice once it may have taken effect, for there
// is no idempotency key: a second create leaves an orphan, a second roll kills the
// value of the first. Their error matches [ErrOutcomeUnknown] then, beside its
// cause. A Delete that finds no token, after an attempt that may have taken effect,
// has succeeded.
//
// Retry-After, in seconds or as a date, is obeyed; where it is longer than
// RetryPolicy.MaxDelay or than what the context leaves, the error comes at once.
//
// # Secrets
//
// Values of tokens are of type [secret.Value], which no fmt verb, logger or encoder
// prints; Reveal gives the string. The client keeps its own credential in the same
// way, and takes it out of error texts should a server echo it. Logs, off by
// default, hold neither headers nor bodies nor queries.
//
// # Testing
//
// Package cftokenstest, in a folder of this one, is a fake of the API that code
// using this package can be tested on.
//
// [secret.Value]: https://pkg.go.dev/github.com/cftokens/cftokens-go/wrapper/secret#Value
package cftokens
