package cftokens

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/cftokens/cftokens-go/gen"
)

// PermissionGroupOptions narrows the catalogue of permission groups.
type PermissionGroupOptions struct {
	Name    string // only groups of this name, not encoded; empty: any
	Scope   Scope  // only groups of this scope; empty: any
	Page    int    // from 1; 0 leaves it to the API
	PerPage int    // 0 leaves it to the API, or to PermissionGroups (50)
}

// ListPermissionGroups returns one page of the permission groups that a token may
// be given.
//
// Operation listPermissionGroups,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/.
// Retried as a read.
func (c *Client) ListPermissionGroups(ctx context.Context, opts PermissionGroupOptions) (*Page[PermissionGroup], error) {
	switch {
	case opts.Page < 0:
		return nil, invalid(opGroups, "Page", "is negative")
	case opts.PerPage < 0:
		return nil, invalid(opGroups, "PerPage", "is negative")
	}
	params := &gen.ListPermissionGroupsParams{
		Name:    optional(opts.Name),
		Scope:   optional(opts.Scope),
		Page:    optional(opts.Page),
		PerPage: optional(opts.PerPage),
	}
	env, err := do(ctx, opGroups, missing[[]PermissionGroup], func(ctx context.Context) (*http.Response, error) {
		return c.gen.ListPermissionGroups(ctx, params)
	})
	if err != nil {
		return nil, err
	}
	return newPage(*env.Result, env.ResultInfo, opts.Page, opts.PerPage), nil
}

// PermissionGroups ranges over the permission groups of every page from opts.Page
// on, as [Client.All] does over tokens.
//
// Operation listPermissionGroups,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/.
// Retried as a read, page by page.
func (c *Client) PermissionGroups(ctx context.Context, opts PermissionGroupOptions) iter.Seq2[*PermissionGroup, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	return pages(opGroups, opts.Page, groupID, func(page int) (*Page[PermissionGroup], error) {
		opts := opts
		opts.Page = page
		return c.ListPermissionGroups(ctx, opts)
	})
}

func groupID(g *PermissionGroup) string { return g.ID }

// FindPermissionGroup returns the one permission group with this name, exactly,
// in this scope. An empty scope means any; but names repeat across scopes, and the
// error matches [ErrAmbiguous] where several groups have the name, [ErrNotFound]
// where none has. What the dashboard calls "Edit" is called "Write" here.
//
// Operation listPermissionGroups,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/.
// Retried as a read.
func (c *Client) FindPermissionGroup(ctx context.Context, name string, scope Scope) (*PermissionGroup, error) {
	if name == "" {
		return nil, invalid(opGroups, "name", "is empty")
	}
	var found *PermissionGroup
	for group, err := range c.PermissionGroups(ctx, PermissionGroupOptions{Name: name, Scope: scope}) {
		switch {
		case err != nil:
			return nil, err
		case group.Name != name || scope != "" && !slices.Contains(group.Scopes, scope):
			// How strictly the API filters is not documented.
		case found != nil:
			return nil, fmt.Errorf("cftokens: permission group %q: %w: the scopes %v and %v have one each",
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
