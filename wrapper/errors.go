package cftokens

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// Errors to check with [errors.Is]. The first six represent the HTTP status of an
// [*APIError]. Error codes are ambiguous: the same code has several meanings.
var (
	ErrBadRequest   = errors.New("bad request")       // status 400
	ErrUnauthorized = errors.New("unauthorized")      // status 401
	ErrForbidden    = errors.New("forbidden")         // status 403
	ErrNotFound     = errors.New("not found")         // status 404, and no match in FindPermissionGroups
	ErrRateLimited  = errors.New("too many requests") // status 429
	ErrServer       = errors.New("server error")      // status 500 and above

	// ErrOutcomeUnknown is returned by calls that change something when the request
	// may or may not have taken effect. The cause is also wrapped. After a create, a
	// token whose value is lost may exist: find it by name and delete it, which needs a
	// unique name (see the example LostCreate). After a roll, the old value may
	// no longer work: roll again. Other calls can be repeated.
	ErrOutcomeUnknown = errors.New("outcome unknown")

	// ErrInvalidArgument is returned when an argument is rejected before anything is
	// changed. The message names the field.
	ErrInvalidArgument = errors.New("invalid argument")

	// ErrAmbiguous is returned by [Client.FindPermissionGroups] when several groups match.
	ErrAmbiguous = errors.New("ambiguous")

	// ErrTokenLimit is returned by [Client.Create] and [Client.Replace] when the quota is
	// used up: 50 user tokens, or 500 account tokens. The error also matches
	// [ErrBadRequest]. The API has no code for it, so it is recognized by its message, which
	// was observed for user tokens.
	//
	// Expired tokens are reported to count until they are deleted: list tokens with
	// [ListOptions].IncludeExpired, and delete those with [TokenStatusExpired] (see the
	// example TokenLimit). If all tokens are in use, create account tokens with
	// [Client.Account].
	ErrTokenLimit = errors.New("token limit reached")

	// ErrLossyUpdate is returned by [Client.Edit] and [Client.Replace] when the update
	// or the copy would drop or misstate a part of the token.
	ErrLossyUpdate = errors.New("update would lose data")

	// ErrManagesTokens is returned when a token would get permissions to create tokens. The
	// API neither creates such tokens nor grants these permissions: create the token in the
	// dashboard, and use [Client.Roll] for a new value. The error also matches
	// [ErrBadRequest]. The API has no code for it, so it is recognized by its message.
	ErrManagesTokens = errors.New("token would manage tokens")
)

// A ReplaceError is the error of [Client.Replace] after its arguments were checked. Match it
// with [errors.As], as a pointer.
type ReplaceError struct {
	OldID string // token to be replaced; it still exists unless Err says otherwise
	NewID string // new token, if it exists or may exist; empty if there is none, or if its ID is unknown

	// Candidates are the IDs of tokens that may be the new one, if the response to the create
	// was lost or damaged: the ID in it, and those of tokens that have the name of the new token
	// and were issued since Replace began. Another process may use them.
	Candidates []string

	Err error // why Replace failed, and what exists now
}

// Error returns the text of Err.
func (e *ReplaceError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ReplaceError) Unwrap() error { return e.Err }

// An APIError is an error response: a status other than 2xx, or a 2xx response with
// "success": false. Match it with [errors.As]:
//
//	var apiErr *cftokens.APIError
//	if errors.As(err, &apiErr) { ... }
type APIError struct {
	Operation    string        // operationId in openapi.yaml, such as "getToken"
	Method, Path string        // of the request; the path without the query
	StatusCode   int           // HTTP status
	Errors       []ErrorDetail // errors of the envelope, or of other JSON, such as RFC 9457; may be empty
	Messages     []ErrorDetail // messages of the envelope; these are not errors
	RayID        string        // Cf-Ray header: quote it to Cloudflare's support
	RetryAfter   time.Duration // Retry-After header, or retry_after in the body; 0 if absent or malformed
	RedirectHost string        // host that a 3xx response redirects to; redirects are not followed
	Attempts     int           // how many requests were sent

	// Excerpt is the beginning of a body that is not JSON, such as the HTML page of a
	// proxy: printable, at most 512 bytes, without the client's credential.
	Excerpt string
}

// An ErrorDetail is an entry of an envelope's errors or messages.
type ErrorDetail struct {
	Code             int           // 0 if the API gives none
	Message          string        // human-readable
	DocumentationURL string        // may be empty
	Pointer          string        // JSON pointer into the request's body; may be empty
	Chain            []ErrorDetail // the errors that caused this one
}

// Error returns the request, the status, the codes and messages, and the Ray ID, for
// example:
//
//	GET /client/v4/user/tokens/x: HTTP 404 Not Found: Token not found (1003) [cf-ray 8a1b]
//
// The error that a method returns begins with the operation: "cftokens: getToken: GET ...".
func (e *APIError) Error() string {
	var b strings.Builder
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode)))
	fmt.Fprintf(&b, "%s %s: HTTP %s", e.Method, e.Path, status)
	writeDetails(&b, e.Errors)
	if b.Len() > maxError {
		b.WriteString("; ...")
	}
	if e.Excerpt != "" {
		fmt.Fprintf(&b, ": %q", e.Excerpt)
	}
	if e.RedirectHost != "" {
		fmt.Fprintf(&b, ": redirect to %s not followed", e.RedirectHost)
	}
	if groups := e.neededGroups(); len(groups) > 0 {
		b.WriteString("; the token needs the permission group " + alternatives(groups))
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %v)", e.RetryAfter)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	if e.RayID != "" {
		fmt.Fprintf(&b, " [cf-ray %s]", e.RayID)
	}
	return b.String()
}

func writeDetails(b *strings.Builder, details []ErrorDetail) {
	separator := ": "
	for _, d := range details {
		if b.Len() > maxError {
			return
		}
		b.WriteString(separator + d.Message)
		separator = "; "
		if d.Code != 0 {
			fmt.Fprintf(b, " (%d)", d.Code)
		}
		if d.Pointer != "" {
			b.WriteString(" at " + d.Pointer)
		}
		if d.DocumentationURL != "" {
			b.WriteString(", see " + d.DocumentationURL)
		}
		writeDetails(b, d.Chain)
	}
}

// neededGroups returns the permission groups of which the token may need one.
func (e *APIError) neededGroups() []string {
	denied := e.Is(ErrForbidden) && (e.HasCode(9109) || e.HasCode(codeAuthentication))
	for _, op := range gen.Operations {
		if denied && op.ID == e.Operation {
			return op.PermissionGroups
		}
	}
	return nil
}

// Is reports whether target is the sentinel for e's status, such as [ErrNotFound] for
// 404, or is [ErrTokenLimit] or [ErrManagesTokens] and e reports it.
func (e *APIError) Is(target error) bool {
	const codeRejected = 1001 // of every token creation error
	switch target {
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	case ErrTokenLimit:
		return e.Is(ErrBadRequest) && hasDetail(e.Errors, codeRejected, "maximum number of API tokens")
	case ErrManagesTokens:
		return e.Is(ErrBadRequest) && hasDetail(e.Errors, codeRejected, "sub-token")
	}
	return target != nil && target == statusErrors[e.StatusCode]
}

var statusErrors = map[int]error{
	http.StatusBadRequest:      ErrBadRequest,
	http.StatusUnauthorized:    ErrUnauthorized,
	http.StatusForbidden:       ErrForbidden,
	http.StatusNotFound:        ErrNotFound,
	http.StatusTooManyRequests: ErrRateLimited,
}

// HasCode reports whether e.Errors, including nested chains, contains code. Check the
// status too: code 10000 is "Authentication error" but also part of a successful
// verify, and 1001 covers every token creation error.
func (e *APIError) HasCode(code int) bool { return hasDetail(e.Errors, code, "") }

// hasDetail reports whether one of the details, including nested chains, has the code and a
// message that contains text.
func hasDetail(details []ErrorDetail, code int, text string) bool {
	return slices.ContainsFunc(details, func(d ErrorDetail) bool {
		return d.Code == code && strings.Contains(d.Message, text) || hasDetail(d.Chain, code, text)
	})
}

// A DecodeError reports a 2xx response with an unusable body: truncated, over 16 MiB, not
// JSON, or without the expected result. Its text never quotes the body, which may contain a
// secret. Match it with [errors.As], as a pointer.
type DecodeError struct {
	Operation  string // operationId in openapi.yaml
	StatusCode int    // HTTP status
	RayID      string // Cf-Ray header
	Err        error  // what is wrong with the body
}

// Error returns the status, what is wrong with the body, and the Ray ID.
func (e *DecodeError) Error() string {
	text := fmt.Sprintf("decoding response: HTTP %d: %v", e.StatusCode, e.Err)
	if e.RayID != "" {
		text += " [cf-ray " + e.RayID + "]"
	}
	return text
}

// Unwrap returns what is wrong with the body.
func (e *DecodeError) Unwrap() error { return e.Err }

// invalid returns the error of an argument. The problem must not quote what may be a secret.
func invalid(field, problem string) error {
	return fmt.Errorf("%w: %s %s", ErrInvalidArgument, field, problem)
}

// textErrors is several errors, of which some may be nil, with their texts on one line.
type textErrors []error

func (e textErrors) Error() string { return strings.ReplaceAll(e.Unwrap().Error(), "\n", "; ") }

func (e textErrors) Unwrap() error { return errors.Join(e...) }

// withPrefix returns err as an exported function does; what is the operation.
func withPrefix(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cftokens: %s: %w", what, err)
}
