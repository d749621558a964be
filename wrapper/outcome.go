package cftokens

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// textError is an error with its own text. It matches every error that it wraps.
type textError struct {
	text    string
	wrapped []error
}

func (e *textError) Error() string   { return e.text }
func (e *textError) Unwrap() []error { return e.wrapped }

// sendError returns the error of an attempt without a response.
func (t *transport) sendError(op *gen.Operation, req *http.Request, attempts int, err error) error {
	noun := "attempts"
	if attempts == 1 {
		noun = "attempt"
	}
	return fmt.Errorf("cftokens: %s: %s %s at %s: %w (%d %s)",
		op.ID, op.Method, op.Path, req.URL.Host, redactError(err, t.credential), attempts, noun)
}

// redactError returns err without the credential in its text.
func redactError(err error, credential secret.Value) error {
	if text := redact(err.Error(), credential); text != err.Error() {
		return &redactedError{text, err}
	}
	return err
}

// redactedError matches err, whose text contains the credential, with errors.Is alone:
// errors.As would expose it.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

// waitError returns the error of a call whose context ended during a wait.
func waitError(op *gen.Operation, err error, when string, last error) error {
	return &textError{
		fmt.Sprintf("cftokens: %s: %v %s: last error: %s", op.ID, err, when, withoutPrefix(op, last)),
		[]error{err, last},
	}
}

// callError returns the error of a call that ended in err. maybeApplied reports
// whether the API may have carried out one of its requests.
func callError(op *gen.Operation, err error, maybeApplied bool) error {
	if !maybeApplied || op.Method == http.MethodGet {
		return err
	}
	if op.Method == http.MethodDelete && isTokenNotFound(err) {
		return nil // an earlier attempt deleted it
	}
	return &textError{
		fmt.Sprintf("cftokens: %s: %v: %s: %s", op.ID, ErrOutcomeUnknown, recovery(op), withoutPrefix(op, err)),
		[]error{ErrOutcomeUnknown, err},
	}
}

// recovery returns what to do if the outcome of an operation is unknown.
func recovery(op *gen.Operation) string {
	switch {
	case !slices.Contains(gen.Operations, op): // of the generated client
		return "find out whether it took effect before you repeat it"
	case op.Idempotent:
		return "repeat the call"
	case op.Method == http.MethodPost:
		return "the token may have been created without its value being known; find it by name and delete it before creating it again"
	}
	return "the old value may no longer work; roll again to get a usable one"
}

// isTokenNotFound reports whether err is the API's response for a token that does not
// exist. A 404 from a gateway proves nothing: it is not an envelope, or its code says
// that the path could not be routed.
func isTokenNotFound(err error) bool {
	var apiErr *APIError
	return errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusNotFound && len(apiErr.Errors) > 0 &&
		apiErr.Errors[0].Code != 0 && !apiErr.HasCode(7000) && !apiErr.HasCode(7003)
}

func withoutPrefix(op *gen.Operation, err error) string {
	return strings.TrimPrefix(err.Error(), "cftokens: "+op.ID+": ")
}
