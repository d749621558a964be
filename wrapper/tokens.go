package cftokens

import (
	"context"
	"errors"
	"iter"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// ListOptions specifies the optional parameters of [Client.List] and [Client.All].
// Zero fields use the API's defaults.
type ListOptions struct {
	Page           int // from 1
	PerPage        int // 5 to 50; default 20, or 50 in All
	Direction      Direction
	IncludeExpired bool
}

// List returns one page of the tokens, without their values. See [Page.Next] for the
// page after it, and [Client.All] for every page.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/
func (c *Client) List(ctx context.Context, opts ListOptions) (*Page[Token], error) {
	req := c.owner.listTokens(&gen.ListTokensParams{
		Page:           ptrOrNil(opts.Page),
		PerPage:        ptrOrNil(opts.PerPage),
		Direction:      ptrOrNil(gen.Direction(opts.Direction)),
		IncludeExpired: ptrOrNil(opts.IncludeExpired),
	})
	switch {
	case opts.Page < 0:
		return nil, invalid(req.op, "Page", "must not be negative")
	case opts.PerPage != 0 && (opts.PerPage < 5 || opts.PerPage > 50):
		return nil, invalid(req.op, "PerPage", "must be 5 to 50")
	case opts.Direction != "" && !opts.Direction.Valid():
		return nil, invalid(req.op, "Direction", "must be asc or desc")
	}
	env, err := do(ctx, c, req, nil, requireResult[[]Token])
	if err != nil {
		return nil, err
	}
	return newPage(*env.Result, env.ResultInfo.ResultInfo, opts.Page, opts.PerPage), nil
}

// ptrOrNil returns a pointer to v, or nil if v is zero.
func ptrOrNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// All returns an iterator over all tokens, starting at opts.Page. Pages of 50 (or
// opts.PerPage) are fetched as needed. The iteration stops at the first error, which
// is yielded with a nil token. The iterator can be reused. Tokens that are created or
// deleted during the iteration can cause others to be missed or repeated, because the API
// uses page numbers.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/
func (c *Client) All(ctx context.Context, opts ListOptions) iter.Seq2[*Token, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	return pages(c.owner.listTokens(nil).op, opts.Page, tokenID, func(page int) (*Page[Token], error) {
		opts := opts
		opts.Page = page
		return c.List(ctx, opts)
	})
}

func tokenID(t *Token) string { return t.ID }

// Get returns a token, without its value. The error matches [ErrNotFound] if the token
// does not exist. If no token can have the ID, such as "nope", it matches
// [ErrBadRequest]: the API responds with 400 and code 7003; 404 was observed too.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/get/
func (c *Client) Get(ctx context.Context, id string) (*Token, error) {
	return get[Token](ctx, c, id)
}

func get[T any](ctx context.Context, c *Client, id string) (*T, error) {
	req := c.owner.getToken(id)
	if err := checkID(req.op, id); err != nil {
		return nil, err
	}
	return result(do(ctx, c, req, nil, requireResult[T]))
}

// Create creates a token and returns it with its value. The value cannot be retrieved
// again: store created.Value.Reveal() first. Read-only fields of t.Policies are not sent,
// so the policies of another token can be reused unchanged. Empty In and NotIn lists are
// not sent either, because the API treats an empty In as "no address".
//
// If the token quota is used up, the error matches [ErrTokenLimit].
//
// Create is retried only if the request cannot have taken effect. Otherwise, including
// when ctx is done after sending, the error matches [ErrOutcomeUnknown].
//
// If the response contains a value but cannot be decoded as a whole, or is an error
// response, Create returns both a token that has only its ID and Value, and the error.
// The error does not match ErrOutcomeUnknown: the token may exist, and its value is
// known.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
func (c *Client) Create(ctx context.Context, t TokenCreate) (*CreatedToken, error) {
	req := c.owner.createToken()
	body, err := createBody(req.op, t)
	if err != nil {
		return nil, err
	}
	return result(do(ctx, c, req, body, requireValue))
}

// Update replaces the name and the policies of a token, and sets the other non-zero
// fields of u. Policies that are not in u are removed. Status, Condition, NotBefore and
// ExpiresOn are not sent if they are unset; the API was observed to keep the old
// condition in that case. The value does not change. To change only some fields, use
// [Client.Edit].
//
// Set a time with u.ExpiresOn.Set(t), and clear it with u.ExpiresOn.SetNull(); both work on
// the zero value.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/update/
func (c *Client) Update(ctx context.Context, id string, u TokenUpdate) (*Token, error) {
	req := c.owner.updateToken(id)
	if len(u.Policies) == 0 {
		return nil, invalid(req.op, "policies", "must not be empty")
	}
	return c.update(ctx, req, id, u)
}

// update is Update for a token that may have no policies.
func (c *Client) update(ctx context.Context, req request, id string, u TokenUpdate) (*Token, error) {
	if err := checkID(req.op, id); err != nil {
		return nil, err
	}
	if u.Policies == nil {
		u.Policies = []Policy{} // the API does not accept null
	}
	body, err := updateBody(req.op, u)
	if err != nil {
		return nil, err
	}
	return result(do(ctx, c, req, body, requireResult[Token]))
}

// Delete deletes a token; its value stops working at once. If a retry finds that the
// token does not exist, after an attempt that may have taken effect, Delete returns nil.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/delete/
func (c *Client) Delete(ctx context.Context, id string) error {
	req := c.owner.deleteToken(id)
	if err := checkID(req.op, id); err != nil {
		return err
	}
	_, err := do(ctx, c, req, nil, func(*gen.DeletedToken) error { return nil })
	return err
}

// Verify returns the ID and the status of the client's own token. For a token that is
// not active, the API may return its status or an error that matches
// [ErrUnauthorized]; Cloudflare does not document which. The token's IP condition is
// not applied, and an active token may still lack every permission.
//
// To verify an account token, use a client returned by [Client.Account]: the endpoint for
// user tokens rejects it.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
func (c *Client) Verify(ctx context.Context) (*Verification, error) {
	v, err := result(do(ctx, c, c.owner.verifyToken(), nil, requireStatus))
	if c.owner == (user{}) && (errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden)) {
		err = &textError{err.Error() + "; if an account owns the token, use Client.Account to verify it", []error{err}}
	}
	return v, err
}

// Roll replaces a token's value and returns the new one, which cannot be retrieved
// again. The old value stops working at once; ID, name and policies do not change.
//
// Roll is retried only if the request cannot have taken effect. Otherwise the error
// matches [ErrOutcomeUnknown]: treat both values as invalid until another Roll
// succeeds.
//
// If a 2xx response contains a value but cannot be decoded as a whole, or has "success":
// false, Roll returns both the value and the error, which does not match
// ErrOutcomeUnknown: the value may be the token's new one.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/value/methods/update/
func (c *Client) Roll(ctx context.Context, id string) (secret.Value, error) {
	req := c.owner.rollToken(id)
	if err := checkID(req.op, id); err != nil {
		return secret.Value{}, err
	}
	value, err := result(do(ctx, c, req, []byte("{}"), requireNonEmpty))
	if value == nil {
		return secret.Value{}, err
	}
	return *value, err
}

func result[T any](env *envelope[T], err error) (*T, error) {
	if env == nil {
		return nil, err
	}
	return env.Result, err
}

func requireResult[T any](result *T) error {
	if result == nil {
		return errors.New("response has no result")
	}
	return nil
}

func requireValue(t *CreatedToken) error {
	if t != nil && t.Value.IsZero() {
		return errors.New("created token has no value")
	}
	return requireResult(t)
}

func requireStatus(v *Verification) error {
	if v != nil && (v.ID == "" || v.Status == "") {
		return errors.New("verification has no ID or no status")
	}
	return requireResult(v)
}

func requireNonEmpty(v *secret.Value) error {
	if v != nil && v.IsZero() {
		return errors.New("rolled value is empty")
	}
	return requireResult(v)
}
