package cftokens

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/cftokens/cftokens-go/gen"
)

// PermissionGroupOptions specifies the optional parameters of
// [Client.ListPermissionGroups] and [Client.AllPermissionGroups]. Zero fields use the
// API's defaults.
type PermissionGroupOptions struct {
	Name    string // exact name, not URL-encoded
	Scope   Scope
	Page    int // from 1
	PerPage int // default 50 in AllPermissionGroups
}

// ListPermissionGroups returns one page of the permission groups that the policies of
// a token may grant.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) ListPermissionGroups(ctx context.Context, opts PermissionGroupOptions) (*Page[PermissionGroup], error) {
	req := c.owner.listPermissionGroups(&gen.ListPermissionGroupsParams{
		Name:    ptrOrNil(opts.Name),
		Scope:   ptrOrNil(gen.Scope(opts.Scope)),
		Page:    ptrOrNil(opts.Page),
		PerPage: ptrOrNil(opts.PerPage),
	})
	switch {
	case opts.Page < 0:
		return nil, invalid(req.op, "Page", "must not be negative")
	case opts.PerPage < 0:
		return nil, invalid(req.op, "PerPage", "must not be negative")
	}
	env, err := do(ctx, c, req, nil, requireResult[[]PermissionGroup])
	if err != nil {
		return nil, err
	}
	return newPage(*env.Result, env.ResultInfo.ResultInfo, opts.Page, opts.PerPage), nil
}

// AllPermissionGroups returns an iterator over all permission groups, starting at
// opts.Page. It works like [Client.All].
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) AllPermissionGroups(ctx context.Context, opts PermissionGroupOptions) iter.Seq2[*PermissionGroup, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	return pages(c.owner.listPermissionGroups(nil).op, opts.Page, groupID, func(page int) (*Page[PermissionGroup], error) {
		opts := opts
		opts.Page = page
		return c.ListPermissionGroups(ctx, opts)
	})
}

func groupID(g *PermissionGroup) string { return g.ID }

// FindPermissionGroup returns the permission group with the given exact name and
// scope. An empty scope matches all scopes. The error matches [ErrNotFound] or, if
// several groups match, [ErrAmbiguous]. The dashboard's "Edit" is "Write" in the API.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) FindPermissionGroup(ctx context.Context, name string, scope Scope) (*PermissionGroup, error) {
	if name == "" {
		return nil, invalid(c.owner.listPermissionGroups(nil).op, "name", "must not be empty")
	}
	var found *PermissionGroup
	for group, err := range c.AllPermissionGroups(ctx, PermissionGroupOptions{Name: name, Scope: scope}) {
		switch {
		case err != nil:
			return nil, err
		case group.Name != name || scope != "" && !slices.Contains(group.Scopes, scope):
			// How strictly the API filters is not documented.
		case found != nil:
			return nil, fmt.Errorf("cftokens: permission group %q: %w: found in scopes %v and %v; specify one",
				name, ErrAmbiguous, found.Scopes, group.Scopes)
		default:
			found = group
		}
	}
	if found == nil {
		return nil, fmt.Errorf("cftokens: permission group %q in scope %q: %w", name, scope, ErrNotFound)
	}
	return found, nil
}
