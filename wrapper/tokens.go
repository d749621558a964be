package cftokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// ListOptions specifies the optional parameters of [Client.List] and [Client.All].
// Zero fields use the API's defaults.
type ListOptions struct {
	Page           int // from 1
	PerPage        int // documented as 5 to 50; default 20, or 50 in All
	Direction      Direction
	IncludeExpired bool // also recently expired tokens; how long that is, is not documented
}

// List returns one page of the tokens, without their values. See [Page.Next] for the
// page after it, and [Client.All] for every page.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/
func (c *Client) List(ctx context.Context, opts ListOptions) (*Page[Token], error) {
	if opts.Direction != "" && !opts.Direction.Valid() {
		return nil, c.withPrefix(gen.OpListTokens, invalid("Direction", "must be asc or desc"))
	}
	req := build(gen.NewListTokensRequest(root, &gen.ListTokensParams{
		Page:           ptrOrNil(opts.Page),
		PerPage:        ptrOrNil(opts.PerPage),
		Direction:      ptrOrNil(gen.Direction(opts.Direction)),
		IncludeExpired: ptrOrNil(opts.IncludeExpired),
	}))
	return list[Token](ctx, c, gen.OpListTokens, req, opts.Page, opts.PerPage)
}

// ptrOrNil returns a pointer to v, or nil if v is zero.
func ptrOrNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// All returns an iterator over all active and disabled tokens and, with
// opts.IncludeExpired, recently expired ones, starting at opts.Page. The token that the
// client authenticates with is among them, if it has the same owner. Pages of 50 (or
// opts.PerPage) are requested as needed: the first one alone, then up to four at a time.
// When the iteration stops, requests that are not needed are canceled. It stops at the
// first error, which is yielded with a nil token, after the tokens of earlier pages. The
// iterator can be reused. Tokens that are created or deleted during the iteration can cause
// others to be missed or repeated, because the API uses page numbers.
//
// If the API's totals promise more tokens, but up to four pages in a row are empty, the
// iteration ends, with a [*DecodeError] if opts.IncludeExpired is set.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/
func (c *Client) All(ctx context.Context, opts ListOptions) iter.Seq2[*Token, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	// Without IncludeExpired, the totals may count expired tokens all the same.
	return pages(ctx, c.owner.operation(gen.OpListTokens), opts.Page, opts.IncludeExpired, tokenID, func(ctx context.Context, page int) (*Page[Token], error) {
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
	t, err := result(get(ctx, c, id, tokenID))
	return t, c.withPrefix(gen.OpGetToken, err)
}

func get[T any](ctx context.Context, c *Client, id string, idOf func(*T) string) (*envelope[T], error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	return do(ctx, c, gen.OpGetToken, build(gen.NewGetTokenRequest(root, id)), nil, about(id, idOf))
}

// about returns what a call expects of a result about a token: that it has the token's ID.
func about[T any](id string, idOf func(*T) string) expected[T] {
	return expected[T]{
		check:   func(t *T) bool { return strings.EqualFold(idOf(t), id) },
		problem: "response is about another token, or has no ID",
	}
}

// CreatedToken is a newly created token, with its value.
type CreatedToken struct {
	Token

	Value secret.Value `json:"value,omitzero"` // authenticates requests
}

// Create creates a token and returns it with its value. The value cannot be retrieved
// again: store created.Value.Reveal() first. Read-only fields of t.Policies are not sent,
// so the policies of another token can be reused unchanged. Empty In and NotIn lists are
// not sent either, because the API treats an empty In as "no address". An empty list of
// policies that is not nil creates a token that cannot do anything yet.
//
// If the token quota is used up, the error matches [ErrTokenLimit].
//
// Create is retried only if the request cannot have taken effect. Otherwise, including
// when ctx is done after sending, the error matches [ErrOutcomeUnknown].
//
// If the response contains a value but cannot be decoded as a whole, or is an error
// response, Create returns both a token that has only its ID and Value, and the error.
// The error does not match ErrOutcomeUnknown, because the value is known, unless it may be
// something else, or the HTTP client sent the request more than once.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
func (c *Client) Create(ctx context.Context, t TokenCreate) (*CreatedToken, error) {
	body, err := createBody(t)
	if err != nil {
		return nil, c.withPrefix(gen.OpCreateToken, err)
	}
	created, err := create(ctx, c, body, func(t *CreatedToken) *CreatedToken { return t })
	return created, c.withPrefix(gen.OpCreateToken, err)
}

// create creates a token and returns it as a T, of which the token is a part.
func create[T any](ctx context.Context, c *Client, body []byte, part func(*T) *CreatedToken) (*T, error) {
	req := build(gen.NewCreateTokenRequestWithBody(root, contentType, nil))
	return result(do(ctx, c, gen.OpCreateToken, req, body, expected[T]{
		check:   func(created *T) bool { return !part(created).Value.IsZero() },
		problem: "created token has no value",
		found: func(found CreatedToken) *T {
			created := new(T)
			*part(created) = found
			return created
		},
	}))
}

// Update replaces the name and the policies of a token, and sets the other non-zero
// fields of u. Policies that are not in u are removed. Status, Condition, NotBefore and
// ExpiresOn are not sent if they are unset; the API is reported to keep the old
// condition in that case. The value does not change. To change only some fields, use
// [Client.Edit].
//
// Set a time with u.ExpiresOn.Set(t), and clear it with u.ExpiresOn.SetNull(); both work on
// the zero value. In a [TokenCreate], where null has no meaning, times are pointers.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/update/
func (c *Client) Update(ctx context.Context, id string, u TokenUpdate) (*Token, error) {
	if len(u.Policies) == 0 {
		return nil, c.withPrefix(gen.OpUpdateToken, invalid("policies", "must not be empty"))
	}
	t, err := c.update(ctx, id, u)
	return t, c.withPrefix(gen.OpUpdateToken, err)
}

// update is Update for a token that may have no policies.
func (c *Client) update(ctx context.Context, id string, u TokenUpdate) (*Token, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	if u.Policies == nil {
		u.Policies = []Policy{} // the API does not accept null
	}
	body, err := updateBody(u)
	if err != nil {
		return nil, err
	}
	req := build(gen.NewUpdateTokenRequestWithBody(root, id, contentType, nil))
	return result(do(ctx, c, gen.OpUpdateToken, req, body, about(id, tokenID)))
}

// Delete deletes a token; its value stops working at once. If a retry finds that the
// token does not exist, after an attempt that may have taken effect, Delete returns nil; so
// nil does not prove that there was a token with this ID.
// A proxy may repeat a request by itself, as nginx does by default, so [ErrNotFound] may
// mean that this call deleted the token.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/delete/
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.withPrefix(gen.OpDeleteToken, c.delete(ctx, id))
}

func (c *Client) delete(ctx context.Context, id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	// The ID in the result is not checked: that of the documented example is another one.
	_, err := do(ctx, c, gen.OpDeleteToken, build(gen.NewDeleteTokenRequest(root, id)), nil, expected[gen.DeletedToken]{})
	return err
}

// Verify returns the ID and the status of the client's own token. For a token that is
// not active, the API may return its status or an error that matches
// [ErrUnauthorized]; Cloudflare does not document which. The token's IP condition is
// not applied, and an active token may still lack every permission.
//
// To verify an account token, use a client returned by [Client.Account]: the endpoint for
// user tokens rejects it, and that of an account rejects user tokens.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
func (c *Client) Verify(ctx context.Context) (*Verification, error) {
	v, err := c.verify(ctx)
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) {
		hint := "if an account owns the token, use Client.Account to verify it"
		if c.owner.account != "" {
			hint = "if a user owns the token, verify it with the client that Client.Account was called on"
		}
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return v, c.withPrefix(gen.OpVerifyToken, err)
}

func (c *Client) verify(ctx context.Context) (*Verification, error) {
	return result(do(ctx, c, gen.OpVerifyToken, build(gen.NewVerifyTokenRequest(root)), nil, expected[Verification]{
		check:   func(v *Verification) bool { return v.ID != "" && v.Status != "" },
		problem: "verification has no ID or no status",
	}))
}

// Roll replaces a token's value and returns the new one, which cannot be retrieved
// again. The old value stops working at once; ID, name and policies do not change.
//
// Roll is retried only if the request cannot have taken effect. Otherwise the error
// matches [ErrOutcomeUnknown]: treat both values as invalid until another Roll
// succeeds.
//
// If a response contains a value but cannot be decoded as a whole, or is an error response,
// Roll returns both the value and the error, which matches ErrOutcomeUnknown if the value
// may be something else. A proxy may repeat a request by itself, as nginx does by default,
// so that the value is replaced again: check it with [Client.WaitUntilActive].
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/value/methods/update/
func (c *Client) Roll(ctx context.Context, id string) (secret.Value, error) {
	if err := checkID(id); err != nil {
		return secret.Value{}, c.withPrefix(gen.OpRollToken, err)
	}
	req := build(gen.NewRollTokenRequestWithBody(root, id, contentType, nil))
	value, err := result(do(ctx, c, gen.OpRollToken, req, []byte("{}"), expected[secret.Value]{
		check:   func(v *secret.Value) bool { return !v.IsZero() },
		problem: "rolled value is empty",
		found:   func(t CreatedToken) *secret.Value { return &t.Value },
	}))
	return *cmp.Or(value, new(secret.Value)), c.withPrefix(gen.OpRollToken, err)
}

func result[T any](env *envelope[T], err error) (*T, error) {
	if env == nil {
		return nil, err
	}
	return env.Result, err
}
