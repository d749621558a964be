package cftokens

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Errors to test for with [errors.Is]. The first six stand for the status of an
// [*APIError]; a code is no help there, for the API gives one code different
// meanings.
var (
	ErrBadRequest   = errors.New("bad request")       // status 400
	ErrUnauthorized = errors.New("unauthorized")      // status 401
	ErrForbidden    = errors.New("forbidden")         // status 403
	ErrNotFound     = errors.New("not found")         // status 404, and a permission group that FindPermissionGroup did not find
	ErrRateLimited  = errors.New("too many requests") // status 429
	ErrServer       = errors.New("server error")      // status 500 and above

	// ErrOutcomeUnknown is matched by the error of a [Client.Create] or
	// [Client.Roll] that may or may not have taken effect. The cause is wrapped.
	// After a create, a token without a known value may exist: look for it by name
	// and delete it. After a roll, the old value may be dead: roll again.
	ErrOutcomeUnknown = errors.New("outcome unknown")

	// ErrInvalidArgument is matched by errors about arguments that were refused
	// before anything was sent. Their texts name the field.
	ErrInvalidArgument = errors.New("invalid argument")

	// ErrAmbiguous is matched by the error of [Client.FindPermissionGroup] where
	// several groups have the name.
	ErrAmbiguous = errors.New("ambiguous")

	// ErrWouldLose is matched by the error of [Client.Edit] where the token carries
	// something that would be lost if it were sent back.
	ErrWouldLose = errors.New("update would lose data")
)

// APIError is an answer that is not a success: any status but 2xx, or a 2xx
// whose envelope says "success": false. It is used as a pointer:
//
//	var apiErr *cftokens.APIError
//	if errors.As(err, &apiErr) { ... }
type APIError struct {
	Operation    string        // operationId in openapi.yaml, such as "getToken"
	Method, Path string        // of the request; the path without the query
	StatusCode   int           // HTTP status
	Errors       []ErrorDetail // what the API says went wrong; may be empty
	Messages     []ErrorDetail // notes beside the errors; never errors themselves
	RayID        string        // Cf-Ray header: quote it to Cloudflare's support
	RetryAfter   time.Duration // Retry-After header; 0 where absent or not to be understood

	// Excerpt is the start of a body that was not an envelope, such as the HTML page
	// of a proxy: printable, at most 512 bytes, without the client's credential.
	// Empty where the body was an envelope.
	Excerpt string
}

// ErrorDetail is an entry of an envelope's errors or messages.
type ErrorDetail struct {
	Code             int           // 0 where the API gives none
	Message          string        // for a person
	DocumentationURL string        // may be empty
	Pointer          string        // JSON pointer into the request's body; may be empty
	Chain            []ErrorDetail // the errors that caused this one
}

// Error tells operation, request, status, every code and message, and the ray id.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cftokens: %s: %s %s: HTTP %d", e.Operation, e.Method, e.Path, e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	writeDetails(&b, e.Errors)
	if e.Excerpt != "" {
		fmt.Fprintf(&b, ": %q", e.Excerpt)
	}
	if e.RayID != "" {
		fmt.Fprintf(&b, " [cf-ray %s]", e.RayID)
	}
	return b.String()
}

func writeDetails(b *strings.Builder, details []ErrorDetail) {
	for i, d := range details {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(d.Message)
		if d.Code != 0 {
			fmt.Fprintf(b, " (%d)", d.Code)
		}
		if d.Pointer != "" {
			b.WriteString(" at " + d.Pointer)
		}
		writeDetails(b, d.Chain)
	}
}

// Is makes the error match the one of ErrBadRequest, ErrUnauthorized,
// ErrForbidden, ErrNotFound, ErrRateLimited and ErrServer that its status says.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrBadRequest:
		return e.StatusCode == http.StatusBadRequest
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// HasCode tells whether code stands in Errors or in a chain of them. Look at the
// status too: code 10000 is both "Authentication error" and what the message of a
// successful verify carries, and 1001 is any error of creating a token.
func (e *APIError) HasCode(code int) bool {
	return hasCode(e.Errors, code)
}

func hasCode(details []ErrorDetail, code int) bool {
	for _, d := range details {
		if d.Code == code || hasCode(d.Chain, code) {
			return true
		}
	}
	return false
}

// DecodeError is an answer with a status of 2xx whose body cannot be used: cut
// off, longer than 16 MiB, no JSON, no envelope, or without the result. Its text
// never quotes the body, which may hold a secret. Used as a pointer.
type DecodeError struct {
	Operation  string // operationId in openapi.yaml
	StatusCode int    // HTTP status
	RayID      string // Cf-Ray header
	Err        error  // what is wrong with the body
}

// Error tells operation, status, what is wrong with the body, and the ray id.
func (e *DecodeError) Error() string {
	text := fmt.Sprintf("cftokens: %s: unusable answer: HTTP %d: %v", e.Operation, e.StatusCode, e.Err)
	if e.RayID != "" {
		text += " [cf-ray " + e.RayID + "]"
	}
	return text
}

// Unwrap returns what is wrong with the body.
func (e *DecodeError) Unwrap() error { return e.Err }

// outcomeError is the error of a create or a roll that may have taken effect.
type outcomeError struct {
	op    operation
	cause error
}

func (e *outcomeError) Error() string {
	return fmt.Sprintf("cftokens: %s: %v: %s: %v", e.op.id, ErrOutcomeUnknown, e.op.advice, e.cause)
}

func (e *outcomeError) Unwrap() []error { return []error{ErrOutcomeUnknown, e.cause} }

// invalid is the error of an argument that is refused before sending. The problem
// must not quote a value that may be a secret.
func invalid(op operation, field, problem string) error {
	return fmt.Errorf("cftokens: %s: %w: %s %s", op.id, ErrInvalidArgument, field, problem)
}
