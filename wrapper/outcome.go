package cftokens

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// outcome is the result of one attempt.
type outcome struct {
	err            error     // nil on success
	mayHaveApplied bool      // the API may have carried out the request
	response       *response // nil if there is none
}

// outcome returns the outcome of an attempt with the response r. err is that of decoding it.
func (r *response) outcome(err error) outcome {
	_, isDecodeError := errors.AsType[*DecodeError](err)
	mayHaveApplied := !r.proof || r.http.StatusCode >= http.StatusInternalServerError || isDecodeError
	return outcome{err: err, mayHaveApplied: mayHaveApplied, response: r}
}

// isTransient reports whether another attempt after one that failed with err may succeed.
func isTransient(err error) bool {
	if apiErr, ok := errors.AsType[*APIError](err); ok {
		return apiErr.StatusCode == http.StatusRequestTimeout || apiErr.Is(ErrRateLimited) || apiErr.Is(ErrServer)
	}
	if sendErr, ok := errors.AsType[*transportError](err); ok {
		return !sendErr.permanent
	}
	return err != nil && !errors.Is(err, errTooLong)
}

// shouldRetry is the retry rule that doc.go documents. It returns how long to wait after an
// attempt (from 1) that ended in out, and whether to make another one.
func (p RetryPolicy) shouldRetry(ctx context.Context, op *gen.Operation, attempt int, out outcome) (time.Duration, bool) {
	if !isTransient(out.err) || attempt > p.MaxRetries || ctx.Err() != nil || !op.Idempotent && out.mayHaveApplied {
		return 0, false
	}
	wait := p.delay(attempt - 1)
	if apiErr, ok := errors.AsType[*APIError](out.err); ok && apiErr.RetryAfter > 0 {
		if apiErr.RetryAfter > p.MaxDelay {
			return 0, false
		}
		wait = apiErr.RetryAfter + min(randomUpTo(p.BaseDelay), math.MaxInt64-apiErr.RetryAfter)
	}
	deadline, ok := ctx.Deadline()
	return wait, !ok || time.Until(deadline) > wait
}

// errRepeated is the error of a call that succeeded nevertheless.
var errRepeated = errors.New("the HTTP client sent the request more than once")

// outcomeError returns the error of a call whose last attempt ended in out. mayHaveApplied
// reports whether the API may have carried out one of its requests.
func outcomeError(op *gen.Operation, out outcome, mayHaveApplied bool) error {
	err, r := out.err, out.response
	if !mayHaveApplied || op.Method == http.MethodGet || err == nil {
		return err
	}
	if op.Method == http.MethodDelete && r != nil && r.proof && isTokenNotFound(err) {
		return nil // an earlier attempt deleted it
	}
	hint := ""
	if r != nil && !r.proof && !r.success() && r.http.StatusCode < http.StatusInternalServerError {
		hint = "the response is not the API's, so check the base URL and proxies; "
	}
	return fmt.Errorf("%w; %w: %s%s", err, ErrOutcomeUnknown, hint, recovery(op, err))
}

// recovery returns what to do after an unknown outcome.
func recovery(op *gen.Operation, err error) string {
	switch {
	case !slices.Contains(gen.Operations, op): // of the generated client
		return "find out whether it took effect before you repeat it"
	case op.Idempotent:
		return "repeat the call"
	case errors.Is(err, errRepeated) && op.Method == http.MethodPost:
		return "another token may have been created; find it by name and delete it"
	case errors.Is(err, errRepeated):
		return "the value may have been replaced again; verify it, and roll again if it does not work"
	case op.Method == http.MethodPost:
		return "the token may have been created without its value being known; find it by name and delete it before creating it again"
	}
	return "the old value may no longer work; roll again to get a usable one"
}

// isTokenNotFound reports whether err is the API's response for a token that does not
// exist. A gateway's 404 is not an envelope, or says that the path could not be routed.
func isTokenNotFound(err error) bool {
	apiErr, ok := errors.AsType[*APIError](err)
	return ok && apiErr.StatusCode == http.StatusNotFound && len(apiErr.Errors) > 0 &&
		apiErr.Errors[0].Code != 0 && !errors.Is(err, ErrOutcomeUnknown) && !apiErr.HasCode(7000) && !apiErr.HasCode(7003)
}
