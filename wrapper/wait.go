package cftokens

import (
	"context"
	"errors"
	"fmt"
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
	if ctx == nil {
		return nil, invalid("context", "must not be nil")
	}
	verifier := *c
	var err error
	if verifier.credential, err = checkCredential("value", value.Reveal()); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultPatience)
		defer cancel()
	}
	deadline, _ := ctx.Deadline()
	var last error
	for n := 0; ; n++ {
		v, err := verifier.verify(ctx)
		wait, least := pollDelays.delay(n), time.Duration(0)
		switch {
		case err != nil:
			var ok bool
			if least, ok = mayPass(err); !ok {
				return nil, err
			}
			wait += least
		case v.Status != TokenStatusActive:
			return v, fmt.Errorf("token %s cannot be used: its status is %s, not active", verifier.sanitize(v.ID), verifier.sanitize(string(v.Status)))
		case future(v.NotBefore) == nil:
			return v, nil
		default:
			err = fmt.Errorf("token %s cannot be used: it is not valid before %s", verifier.sanitize(v.ID), v.NotBefore.Format(time.RFC3339))
			least = time.Until(*v.NotBefore)
			wait = least
		}
		if least > 0 && least >= time.Until(deadline) {
			return v, err
		}
		if last == nil || ctx.Err() == nil { // the API's response says more than a canceled call
			last = err
		}
		if err := sleep(ctx, wait, "for the token to become active", last); err != nil {
			return nil, err
		}
	}
}

// mayPass reports whether a verify that failed with err may succeed later, and after how
// long at least.
func mayPass(err error) (least time.Duration, ok bool) {
	if apiErr, ok := errors.AsType[*APIError](err); ok {
		rejected := apiErr.Is(ErrUnauthorized) || apiErr.Is(ErrForbidden) && apiErr.HasCode(codeAuthentication)
		return apiErr.RetryAfter, rejected || isTransient(err)
	}
	return 0, isTransient(err)
}
