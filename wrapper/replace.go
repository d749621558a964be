package cftokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

const (
	cleanupTimeout = time.Minute     // of a call that Replace makes even if its context is done
	maxSkew        = 5 * time.Minute // by which issued_on may be before the Date of a response
)

// Replace rotates a token without an outage: it creates a copy, waits until the copy's
// value works, calls use, and deletes the old token if use returns nil. Unlike
// [Client.Roll], it changes the token's ID, and the old value works until the old token
// is deleted. The quota must have room for one more token.
//
// The copy is created with what the API accepts of the old token, as modified by change,
// which may be nil; it expires when the old token does unless change sets another time.
// Only an active token can be replaced. A token that manages tokens cannot be: the error
// matches [ErrManagesTokens]. If the token has a restriction that this version does not
// know, or if the copy is not what was asked for, such as one with fewer permission groups,
// the error matches [ErrLossyUpdate] and names the difference, and the copy is deleted. A
// property that this version does not know must have the same value in the copy. If that
// is impossible, call [Client.Create], store the value, and call [Client.Delete].
//
// use gets ctx and the new token, and stores the value where it is needed. If waiting for
// the value, as [Client.WaitUntilActive] does, fails, or if use returns an error, panics or
// calls [runtime.Goexit], the new token is deleted and the old one stays. If it cannot be
// deleted after a panic, Replace panics with its ID. Tokens are deleted even if ctx is done;
// each cleanup call is limited to one minute.
//
// The new token is returned if and only if use returned nil. If it is returned along with
// an error, the old token could not be deleted, or another copy may exist. If the create
// response contains a value but cannot be decoded as a whole, the new token has only its
// ID and Value. Every error after the arguments were checked is a [*ReplaceError]. It names
// the tokens and says which of them exist.
//
// If it is not known whether the copy was created, or which token it is, nothing is deleted:
// the error matches [ErrOutcomeUnknown], and its Candidates may include the copy.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
func (c *Client) Replace(ctx context.Context, id string, change func(*TokenCreate) error, use func(context.Context, *CreatedToken) error) (*CreatedToken, error) {
	if use == nil {
		return nil, c.withPrefix(gen.OpCreateToken, invalid("use", "must not be nil"))
	}
	if err := checkID(id); err != nil {
		return nil, c.withPrefix(gen.OpGetToken, err) // without the ID, which may be a value
	}
	r := replacement{client: c, failure: ReplaceError{OldID: id}}
	created, err := r.run(ctx, change, use)
	if err != nil {
		r.failure.Err = err
		return created, withPrefix("replacement of token "+id, &r.failure)
	}
	return created, nil
}

// replacement is a call of Replace.
type replacement struct {
	client  *Client
	since   time.Time // no copy was issued before
	want    snapshot  // what the copy must be
	failure ReplaceError
}

func (r *replacement) run(ctx context.Context, change func(*TokenCreate) error, use func(context.Context, *CreatedToken) error) (*CreatedToken, error) {
	const notCreated = "%w; no new token was created"
	body, err := r.prepare(ctx, change)
	if err != nil {
		return nil, fmt.Errorf(notCreated, err)
	}
	copied, createErr := create(ctx, r.client, body, func(s *snapshot) *CreatedToken { return &s.CreatedToken })
	another := errors.Is(createErr, ErrOutcomeUnknown) // there may be a token that is not known
	stays := fmt.Errorf("old token %s stays", r.failure.OldID)
	switch {
	case copied == nil && another:
		return nil, textErrors{createErr, stays, r.candidates(ctx)}
	case copied == nil && errors.Is(createErr, ErrManagesTokens):
		return nil, fmt.Errorf(notCreated+"; use Client.Roll for a new value", createErr)
	case copied == nil:
		return nil, fmt.Errorf(notCreated, createErr)
	}
	created := &copied.CreatedToken
	err = r.try(ctx, copied, use)
	errs := textErrors{err, createErr}
	switch newID := r.failure.NewID; {
	case err == nil:
		gone, state := r.delete(ctx, "old", r.failure.OldID)
		if gone && !another {
			return created, nil
		}
		errs = append(errs, fmt.Errorf("new token %s is in use", newID), state)
	case newID != "":
		gone, state := r.delete(ctx, "new", newID)
		if gone {
			r.failure.NewID = ""
		}
		created, errs = nil, append(errs, stays, state)
	default:
		created, another = nil, true
		errs = append(errs, fmt.Errorf("%w: it is not known which token is the new one", ErrOutcomeUnknown), stays)
	}
	if another {
		errs = append(errs, r.candidates(ctx))
	}
	return created, errs
}

// try waits until the value of the copy works, compares the copy, and calls use. It sets
// NewID once that is known to be the ID of the copy.
func (r *replacement) try(ctx context.Context, copied *snapshot, use func(context.Context, *CreatedToken) error) error {
	created := &copied.CreatedToken
	usable := func(id string) bool { return checkID(id) == nil && !strings.EqualFold(id, r.failure.OldID) }
	v, err := r.client.waitUntilActive(ctx, created.Value)
	if v != nil && !usable(created.ID) {
		created.ID = v.ID
	}
	if !usable(created.ID) || v != nil && !strings.EqualFold(v.ID, created.ID) {
		return textErrors{errors.New("the create response has no ID, or that of another token"), err}
	}
	if err == nil {
		err = r.check(ctx, copied)
	}
	if err != nil && copied.properties == nil { // a damaged response may be about another token
		r.failure.Candidates = []string{created.ID}
		return err
	}
	r.failure.NewID = created.ID
	if err != nil {
		return err
	}
	return r.call(ctx, use, created)
}

// call calls use. If use does not return, the new token is deleted.
func (r *replacement) call(ctx context.Context, use func(context.Context, *CreatedToken) error, created *CreatedToken) error {
	private, returned := secrets{r.client.credential, created.Value}, false
	defer func() {
		if returned {
			return
		}
		if gone, state := r.delete(ctx, "new", r.failure.NewID); !gone {
			reason := cmp.Or(recover(), any("use did not return"))
			panic(private.redact(fmt.Sprintf("%v [cftokens: %v]", reason, state)))
		}
	}()
	err := use(ctx, created)
	returned = true
	if err != nil && private.redact(err.Error()) != err.Error() {
		return &hiddenError{private.redact(err.Error()), err}
	}
	return err
}

// delete deletes a token, even if ctx is done, and returns what is known of it then.
func (r *replacement) delete(ctx context.Context, which, id string) (gone bool, state error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if err := r.client.delete(ctx, id); err != nil && !isTokenNotFound(err) {
		return false, fmt.Errorf("%s token %s may still exist, delete it: %w", which, id, err)
	}
	return true, fmt.Errorf("%s token %s was deleted", which, id)
}

// candidates lists the tokens that may be the copy, and returns an error that names them. It
// deletes none, because another process may use them.
func (r *replacement) candidates(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	ids := r.failure.Candidates
	for t, err := range r.client.All(ctx, ListOptions{IncludeExpired: true}) {
		if err != nil {
			break // the error names the token all the same
		}
		known := strings.EqualFold(t.ID, r.failure.OldID) || t.ID == r.failure.NewID || slices.Contains(ids, t.ID)
		earlier := t.IssuedOn != nil && t.IssuedOn.Before(r.since.Add(-maxSkew))
		if t.Name == r.want.Name && !known && !earlier {
			ids = append(ids, t.ID)
		}
	}
	r.failure.Candidates = ids
	which := "find it by name"
	if len(ids) > 0 {
		which = "one of " + r.client.sanitize(strings.Join(ids, ", "))
	}
	return fmt.Errorf("another token named %q may exist (%s); delete the one whose value is not in use", r.want.Name, which)
}
