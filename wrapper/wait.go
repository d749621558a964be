package cftokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// pollDelays limits the waits between polls in WaitUntilActive.
var pollDelays = RetryPolicy{BaseDelay: time.Second, MaxDelay: 5 * time.Second}

// defaultPatience is twice the longest time that Cloudflare was observed to take.
const defaultPatience = 2 * time.Minute

// codeAuthentication is the API's code for a credential that it does not know.
const codeAuthentication = 10000

// WaitUntilActive waits until the API accepts value, the value of a token that was just
// created or rolled, and returns the result of verifying it. Cloudflare may reject a new
// value for up to a minute. The token must have the same owner as the tokens that c
// manages. The client's own credential is not used.
//
// It calls [Client.Verify] with the value repeatedly, after random waits of up to 5
// seconds, as long as the status is 401, or 403 with code 10000, or the failure is one
// that is retried for reads, such as status 503 or a lost connection, unless its
// Retry-After exceeds the deadline. Any other error is returned at once.
//
// It gives up when ctx is done, or after 2 minutes if ctx has no deadline. The error then
// matches both the context's error and the last error of Verify.
//
// A NotBefore before the deadline is waited for, by the local clock. If it is later, or if
// the token has a status other than active, WaitUntilActive returns both the verification
// and an error at once.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
func (c *Client) WaitUntilActive(ctx context.Context, value secret.Value) (*Verification, error) {
	v, err := c.waitUntilActive(ctx, value)
	return v, c.withPrefix(gen.OpVerifyToken, err)
}

func (c *Client) waitUntilActive(ctx context.Context, value secret.Value) (*Verification, error) {
	switch {
	case ctx == nil:
		return nil, invalid("context", "must not be nil")
	case value.IsZero():
		return nil, invalid("value", "must not be empty")
	}
	verifier := *c
	var err error
	if verifier.credential, err = checkCredential("value", value.Reveal()); err != nil {
		return nil, err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(defaultPatience)
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	var last error
	for n := 0; ; n++ {
		v, err := verifier.verify(ctx)
		var wait time.Duration
		if err == nil {
			if wait, err = verifier.checkActive(v, deadline); wait <= 0 {
				return v, err
			}
		} else {
			var retry bool
			if wait, retry = nextPoll(n, err, time.Until(deadline)); !retry {
				return nil, err
			}
		}
		if last == nil || ctx.Err() == nil { // the API's response says more than a canceled call
			last = err
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, waitError(err, "while waiting for the token to become active", last)
		}
	}
}

// checkActive returns how long to wait until the token that c authenticates with can be
// used, or why waiting would not help.
func (c *Client) checkActive(v *Verification, deadline time.Time) (wait time.Duration, err error) {
	if v.Status != TokenStatusActive {
		return 0, fmt.Errorf("token %s cannot be used: its status is %s, not active", c.sanitize(v.ID), c.sanitize(string(v.Status)))
	}
	if future(v.NotBefore) == nil {
		return 0, nil
	}
	err = fmt.Errorf("token %s cannot be used: it is not valid before %s", c.sanitize(v.ID), v.NotBefore.Format(time.RFC3339))
	if v.NotBefore.Before(deadline) {
		wait = max(time.Until(*v.NotBefore), 1)
	}
	return wait, err
}

// nextPoll returns how long to wait after poll n (from 0), which failed with err, and
// whether another one may succeed within left.
func nextPoll(n int, err error, left time.Duration) (wait time.Duration, retry bool) {
	wait = pollDelays.delay(n)
	if sendErr, ok := errors.AsType[*transportError](err); ok {
		return wait, !sendErr.permanent
	}
	apiErr, ok := errors.AsType[*APIError](err)
	if !ok {
		return wait, !errors.Is(err, errTooLong)
	}
	retry = isTransient(apiErr.StatusCode) || apiErr.StatusCode == http.StatusUnauthorized ||
		apiErr.StatusCode == http.StatusForbidden && apiErr.HasCode(codeAuthentication)
	if apiErr.RetryAfter > 0 {
		wait = apiErr.RetryAfter + randomUpTo(pollDelays.BaseDelay)
	}
	return wait, retry && apiErr.RetryAfter <= max(left, 0)
}
