package cftokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cleanupTimeout limits the calls of Replace that are made even if its context is done.
const cleanupTimeout = time.Minute

// Replace rotates a token without an outage: it creates a copy, waits until the copy's
// value works, calls use, and deletes the old token if use returns nil. Unlike
// [Client.Roll], it changes the token's ID, and the old value works until the old token
// is deleted. The quota must have room for one more token.
//
// The copy has the name, policies, condition, not_before and expires_on of the old token,
// as modified by change, which may be nil. It expires when the old token does unless
// change sets another ExpiresOn. Only an active token can be replaced. A token that
// manages tokens cannot be replaced, because the API does not create such tokens: use
// Roll. If the copy would lose a restriction, the error matches [ErrLossyUpdate], as with
// [Client.Edit].
//
// use gets ctx and the new token, and stores the value where it is needed. Before it
// calls use, Replace waits as [Client.WaitUntilActive] does. If waiting fails, or if use
// returns an error, panics or calls [runtime.Goexit], the new token is deleted and the
// old one stays. Once use has returned nil, the old token is deleted. Tokens are deleted
// even if ctx is done; each cleanup call is limited to one minute.
//
// The new token is returned if and only if use returned nil. If it is returned along with
// an error, the old token could not be deleted: delete it. Every error names the tokens
// and says which of them exist, except for an invalid ID, which is never quoted. If the
// create response contains a value but cannot be decoded as a whole, the new token has
// only its ID and Value.
//
// If it is not known whether the copy was created, Replace looks for a token with its
// name, policies and expires_on that was never used and did not exist before. If there is
// exactly one, it is taken to be the copy and deleted. Otherwise the error matches
// [ErrOutcomeUnknown] and says what to look for. Do not create another token with these
// properties at the same time, for example with another Replace.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
func (c *Client) Replace(ctx context.Context, id string, change func(*TokenCreate) error, use func(context.Context, *CreatedToken) error) (*CreatedToken, error) {
	if use == nil {
		return nil, invalid(c.owner.createToken().op, "use", "must not be nil")
	}
	if err := checkID(c.owner.getToken(id).op, id); err != nil {
		return nil, err // without the ID, which may be a value
	}
	r := replacement{client: c, oldID: id}
	if err := r.prepare(ctx, change); err != nil {
		return nil, r.failed(err, "no new token was created", nil)
	}
	created, createErr := c.Create(ctx, r.contents)
	if created == nil {
		return nil, r.notCreated(ctx, createErr)
	}
	v, err := c.WaitUntilActive(ctx, created.Value)
	if created.ID == "" && v != nil {
		created.ID = v.ID
	}
	newID := created.ID // use may modify the token
	if err == nil {
		err = r.call(ctx, use, created)
	}
	if err != nil {
		if createErr != nil {
			err = &textError{unprefixed(err) + "; " + unprefixed(createErr), []error{err, createErr}}
		}
		if newID == "" {
			return nil, r.lost(ctx, err)
		}
		state, deleteErr := r.delete(ctx, newID)
		return nil, r.failed(err, "old token "+id+" stays; new token "+newID+" "+state, deleteErr)
	}
	if state, err := r.delete(ctx, id); err != nil {
		return created, r.failed(nil, "new token "+newID+" is in use; old token "+id+" "+state, err)
	}
	return created, nil
}

// replacement is a call of Replace.
type replacement struct {
	client    *Client
	oldID     string
	contents  TokenCreate // of the new token
	namesakes []*Token    // that existed before the new token
}

// prepare makes the read requests that precede the create.
func (r *replacement) prepare(ctx context.Context, change func(*TokenCreate) error) error {
	token, err := get[editable[TokenCreate]](ctx, r.client, r.oldID)
	if err != nil {
		return err
	}
	if token.read.Status != TokenStatusActive {
		return fmt.Errorf("its status is %s, and only an active token can be replaced", token.read.Status)
	}
	if err := token.checkLossless(); err != nil {
		return err
	}
	r.contents = token.contents
	if change != nil {
		if err := change(&r.contents); err != nil {
			return err
		}
	}
	if err := token.checkAddresses(r.contents.Condition); err != nil {
		return err
	}
	r.namesakes, err = r.listNamesakes(ctx)
	return err
}

// call calls use. If use panics, the new token is deleted.
func (r *replacement) call(ctx context.Context, use func(context.Context, *CreatedToken) error, created *CreatedToken) error {
	newID, value, returned := created.ID, created.Value, false
	defer func() {
		if !returned {
			_, _ = r.delete(ctx, newID)
		}
	}()
	err := use(ctx, created)
	returned = true
	if err != nil {
		return redactError(err, value)
	}
	return nil
}

// delete deletes a token, even if ctx is done, and returns its state after that.
func (r *replacement) delete(ctx context.Context, id string) (state string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	err = r.client.Delete(ctx, id)
	switch {
	case err == nil:
		return "was deleted", nil
	case isTokenNotFound(err):
		return "does not exist", nil
	case errors.Is(err, ErrOutcomeUnknown):
		return "may still exist, delete it", err
	}
	return "still exists, delete it", err
}

// notCreated returns the error of a create that returned no token.
func (r *replacement) notCreated(ctx context.Context, err error) error {
	var unknown *textError
	if errors.Is(err, ErrOutcomeUnknown) && errors.As(err, &unknown) {
		return r.lost(ctx, unknown.wrapped[1])
	}
	state := "old token " + r.oldID + " stays; no new token was created"
	var apiErr *APIError
	if errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusBadRequest && strings.Contains(apiErr.Error(), "sub-token") {
		state += "; the API does not create tokens that manage tokens, use Client.Roll for a new value"
	}
	return r.failed(err, state, nil)
}

// lost deletes the new token if it exists. Its ID is unknown because of err.
func (r *replacement) lost(ctx context.Context, err error) error {
	listCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	tokens, listErr := r.listNamesakes(listCtx)
	tokens = slices.DeleteFunc(tokens, func(t *Token) bool {
		// The list may have missed the old token, because the API uses page numbers.
		existed := strings.EqualFold(t.ID, r.oldID) || slices.ContainsFunc(r.namesakes, func(before *Token) bool { return before.ID == t.ID })
		return existed || t.LastUsedOn != nil || !sameSecond(t.ExpiresOn, r.contents.ExpiresOn) || !SamePolicies(t.Policies, r.contents.Policies)
	})
	state := "old token " + r.oldID + " stays; "
	switch {
	case listErr != nil:
		state += fmt.Sprintf("a new token named %q may exist, find it by name and delete it", r.contents.Name)
	case len(tokens) == 0:
		state += fmt.Sprintf("a new token named %q was not found; if it appears later, delete it", r.contents.Name)
	case len(tokens) > 1:
		ids := make([]string, len(tokens))
		for i, t := range tokens {
			ids[i] = t.ID
		}
		state += fmt.Sprintf("one of the new tokens named %q may be left over, delete the one whose value is not in use: %s", r.contents.Name, strings.Join(ids, ", "))
	default:
		deleted, deleteErr := r.delete(ctx, tokens[0].ID)
		return r.failed(err, state+"new token "+tokens[0].ID+" "+deleted, deleteErr)
	}
	failed := r.failed(err, state, listErr)
	failed.wrapped = append(failed.wrapped, ErrOutcomeUnknown)
	return failed
}

// sameSecond reports whether a and b, which may be nil, are the same for the API.
func sameSecond(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Unix() == b.Unix()
}

// listNamesakes returns the tokens that have the name of the new token.
func (r *replacement) listNamesakes(ctx context.Context) (tokens []*Token, err error) {
	for t, err := range r.client.All(ctx, ListOptions{IncludeExpired: true}) {
		if err != nil {
			return nil, err
		}
		if t.Name == r.contents.Name {
			tokens = append(tokens, t)
		}
	}
	return tokens, nil
}

// failed returns the error of a replacement. cause is why it failed, state says what exists
// now, and cleanupErr is why a token could not be deleted. Both errors may be nil.
func (r *replacement) failed(cause error, state string, cleanupErr error) *textError {
	e := &textError{text: "cftokens: replacement of token " + r.oldID + ": "}
	if cause != nil {
		e.text += unprefixed(cause) + "; "
		e.wrapped = append(e.wrapped, cause)
	}
	e.text += state
	if cleanupErr != nil {
		e.text += ": " + unprefixed(cleanupErr)
		e.wrapped = append(e.wrapped, cleanupErr)
	}
	e.text = redact(e.text, r.client.transport.credential)
	return e
}

func unprefixed(err error) string { return strings.TrimPrefix(err.Error(), "cftokens: ") }
