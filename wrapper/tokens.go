package cftokens

import (
	"context"
	"iter"
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// ListOptions narrows and orders a list of tokens. The zero value is the API's
// first page by its own defaults.
type ListOptions struct {
	Page           int       // from 1; 0 leaves it to the API
	PerPage        int       // 5 to 50; 0 leaves it to the API (20), or to All (50)
	Direction      Direction // empty leaves it to the API
	IncludeExpired bool      // false leaves it to the API
}

// List returns one page of the user's tokens, without their values. See
// [Page.Next] for the page after it, and [Client.All] for every page.
//
// Operation listTokens,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/.
// Retried as a read.
func (c *Client) List(ctx context.Context, opts ListOptions) (*Page[Token], error) {
	switch {
	case opts.Page < 0:
		return nil, invalid(opListTokens, "Page", "is negative")
	case opts.PerPage != 0 && (opts.PerPage < 5 || opts.PerPage > 50):
		return nil, invalid(opListTokens, "PerPage", "must be 5 to 50")
	case opts.Direction != "" && !opts.Direction.Valid():
		return nil, invalid(opListTokens, "Direction", "must be asc or desc")
	}
	params := &gen.ListTokensParams{
		Page:           optional(opts.Page),
		PerPage:        optional(opts.PerPage),
		Direction:      optional(opts.Direction),
		IncludeExpired: optional(opts.IncludeExpired),
	}
	env, err := do(ctx, opListTokens, missing[[]Token], func(ctx context.Context) (*http.Response, error) {
		return c.gen.ListTokens(ctx, params)
	})
	if err != nil {
		return nil, err
	}
	return newPage(*env.Result, env.ResultInfo, opts.Page, opts.PerPage), nil
}

// optional is a query parameter that is left out where it has its zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// All ranges over the tokens of every page from opts.Page on, asking for a page
// when the loop comes to it, 50 tokens a page unless opts.PerPage says otherwise.
// An error ends the sequence: it comes once, with a nil token. The sequence can be
// ranged over again and then starts anew. Tokens that are created or deleted
// meanwhile may be missed or come twice, as the API counts by page.
//
// Operation listTokens,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/list/.
// Retried as a read, page by page.
func (c *Client) All(ctx context.Context, opts ListOptions) iter.Seq2[*Token, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	return pages(opListTokens, opts.Page, tokenID, func(page int) (*Page[Token], error) {
		opts := opts
		opts.Page = page
		return c.List(ctx, opts)
	})
}

func tokenID(t *Token) string { return t.ID }

// Get returns a token, without its value. The error of an unknown id matches
// [ErrNotFound].
//
// Operation getToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/get/.
// Retried as a read.
func (c *Client) Get(ctx context.Context, id string) (*Token, error) {
	return get[Token](ctx, c, id)
}

func get[T any](ctx context.Context, c *Client, id string) (*T, error) {
	if err := checkID(opGetToken, id); err != nil {
		return nil, err
	}
	env, err := do(ctx, opGetToken, missing[T], func(ctx context.Context) (*http.Response, error) {
		return c.gen.GetToken(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return env.Result, nil
}

// Create makes a token and returns it with its value, which is shown this once:
// keep created.Value.Reveal() before anything else. Read-only fields of t.Policies
// are not sent, so policies of another token can be used as they are. An empty In
// or NotIn is not sent either, for the API would take an empty In as "nobody".
//
// Operation createToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/.
// Retried only where the request cannot have taken effect; otherwise the error
// matches [ErrOutcomeUnknown]. That goes for a context that ends after the request
// was sent, too.
func (c *Client) Create(ctx context.Context, t TokenCreate) (*CreatedToken, error) {
	body, err := createBody(t)
	if err != nil {
		return nil, err
	}
	env, err := do(ctx, opCreate, withoutValue, func(ctx context.Context) (*http.Response, error) {
		return c.gen.CreateToken(ctx, body)
	})
	if err != nil {
		return nil, err
	}
	return env.Result, nil
}

func withoutValue(t *CreatedToken) string {
	if t != nil && t.Value.IsZero() {
		return "the created token has no value"
	}
	return missing(t)
}

// Update replaces the name and the policies of a token, and sets what else u
// holds. A policy that u lacks is gone. Status, Condition, NotBefore and ExpiresOn
// that are not set are not sent; the API was seen to keep an old condition then.
// The value stays as it is. To change one thing and keep the rest, use
// [Client.Edit].
//
// Operation updateToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/update/.
// Retried, for a second PUT of the same comes to the same.
func (c *Client) Update(ctx context.Context, id string, u TokenUpdate) (*Token, error) {
	if err := checkID(opUpdate, id); err != nil {
		return nil, err
	}
	body, err := updateBody(u)
	if err != nil {
		return nil, err
	}
	env, err := do(ctx, opUpdate, missing[Token], func(ctx context.Context) (*http.Response, error) {
		return c.gen.UpdateToken(ctx, id, body)
	})
	if err != nil {
		return nil, err
	}
	return env.Result, nil
}

// Delete destroys a token; its value stops working at once.
//
// Operation deleteToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/delete/.
// Retried. A retry that finds no token, after an attempt that may have taken
// effect, is a success.
func (c *Client) Delete(ctx context.Context, id string) error {
	if err := checkID(opDelete, id); err != nil {
		return err
	}
	anything := func(*gen.DeletedToken) string { return "" }
	_, err := do(ctx, opDelete, anything, func(ctx context.Context) (*http.Response, error) {
		return c.gen.DeleteToken(ctx, id)
	})
	return err
}

// Verify tells id and status of the token that the client signs with. A token
// that is not active may be answered with its status or with an error that matches
// [ErrUnauthorized]: which, Cloudflare does not document. The token's own address
// condition is not applied, and an active token may still lack every permission.
//
// Operation verifyToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/.
// Retried as a read.
func (c *Client) Verify(ctx context.Context) (*Verification, error) {
	env, err := do(ctx, opVerify, unverified, func(ctx context.Context) (*http.Response, error) {
		return c.gen.VerifyToken(ctx)
	})
	if err != nil {
		return nil, err
	}
	return env.Result, nil
}

func unverified(v *Verification) string {
	if v != nil && (v.ID == "" || v.Status == "") {
		return "the verification lacks id or status"
	}
	return missing(v)
}

// Roll gives a token a new value and returns it, this once. The old value stops
// working at once; id, name and policies stay.
//
// Operation rollToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/value/methods/update/.
// Retried only where the request cannot have taken effect; otherwise the error
// matches [ErrOutcomeUnknown], and neither the old nor a new value is to be relied
// on until another roll succeeds.
func (c *Client) Roll(ctx context.Context, id string) (secret.Value, error) {
	if err := checkID(opRoll, id); err != nil {
		return secret.Value{}, err
	}
	env, err := do(ctx, opRoll, emptyValue, func(ctx context.Context) (*http.Response, error) {
		return c.gen.RollToken(ctx, id, gen.RollRequest{})
	})
	if err != nil {
		return secret.Value{}, err
	}
	return *env.Result, nil
}

func emptyValue(v *secret.Value) string {
	if v != nil && v.IsZero() {
		return "the rolled value is empty"
	}
	return missing(v)
}
