package cftokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
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

// ListPermissionGroups returns one page of the permission groups that a token's policies
// can grant.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) ListPermissionGroups(ctx context.Context, opts PermissionGroupOptions) (*Page[PermissionGroup], error) {
	req := build(gen.NewListPermissionGroupsRequest(root, &gen.ListPermissionGroupsParams{
		Name:    ptrOrNil(opts.Name),
		Scope:   ptrOrNil(gen.Scope(opts.Scope)),
		Page:    ptrOrNil(opts.Page),
		PerPage: ptrOrNil(opts.PerPage),
	}))
	return list[PermissionGroup](ctx, c, gen.OpListPermissionGroups, req, opts.Page, opts.PerPage)
}

// AllPermissionGroups returns an iterator over all permission groups, starting at
// opts.Page. It works like [Client.All], but a list that ends in empty pages is an error if
// neither opts.Name nor opts.Scope is set.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) AllPermissionGroups(ctx context.Context, opts PermissionGroupOptions) iter.Seq2[*PermissionGroup, error] {
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	exact := opts.Name == "" && opts.Scope == "" // the totals may count what was filtered out
	return pages(ctx, c.owner.operation(gen.OpListPermissionGroups), opts.Page, exact, groupID, func(ctx context.Context, page int) (*Page[PermissionGroup], error) {
		opts := opts
		opts.Page = page
		return c.ListPermissionGroups(ctx, opts)
	})
}

func groupID(g *PermissionGroup) string { return g.ID }

// FindPermissionGroups returns the permission groups with the given exact names and
// scope, in the order of names, for the PermissionGroups field of a [Policy]. It lists
// the scope once, as [Client.AllPermissionGroups] does. An empty scope matches all scopes,
// but groups of different scopes cannot share a policy. The dashboard's "Edit" is "Write"
// in the API. If there are no names, or one is empty or repeated, the error matches
// [ErrInvalidArgument].
//
// One error reports all names that are not found. It matches [ErrNotFound], [ErrAmbiguous]
// if several groups have a name, or both. If a name is not found, the whole catalog is
// listed, too, and the error says which scopes have the name, or suggests similar names.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/subresources/permission_groups/methods/list/
func (c *Client) FindPermissionGroups(ctx context.Context, scope Scope, names ...string) ([]PermissionGroupRef, error) {
	if len(names) == 0 {
		return nil, c.withPrefix(gen.OpListPermissionGroups, invalid("names", "must not be empty"))
	}
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return nil, c.withPrefix(gen.OpListPermissionGroups, invalid(fmt.Sprintf("names[%d]", i), fmt.Sprintf("must not be empty or repeated, got %q", name)))
		}
	}
	groups, err := c.allGroups(ctx, scope)
	if err != nil {
		return nil, err
	}
	found, err := c.findGroups(groups, scope, names)
	if scope != "" && errors.Is(err, ErrNotFound) {
		// If this fails, the error still says what was not found.
		if groups, listErr := c.allGroups(ctx, ""); listErr == nil {
			return c.findGroups(groups, scope, names)
		}
	}
	return found, err
}

func (c *Client) allGroups(ctx context.Context, scope Scope) (groups []*PermissionGroup, err error) {
	for group, err := range c.AllPermissionGroups(ctx, PermissionGroupOptions{Scope: scope}) {
		if err != nil {
			return nil, err
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// findGroups finds names among groups. They may be of any scope: the API's filter is not
// documented.
func (c *Client) findGroups(groups []*PermissionGroup, scope Scope, names []string) ([]PermissionGroupRef, error) {
	inScope, scopes := map[string][]*PermissionGroup{}, map[string][]Scope{} // by name
	for _, group := range groups {
		scopes[group.Name] = append(scopes[group.Name], group.Scopes...)
		if scope == "" || slices.Contains(group.Scopes, scope) {
			inScope[group.Name] = append(inScope[group.Name], group)
		}
	}
	found := make([]PermissionGroupRef, len(names))
	var problems textErrors
	for i, name := range names {
		problem, hint := ErrNotFound, ""
		switch matches := inScope[name]; {
		case len(matches) == 1:
			found[i] = PermissionGroupRef{ID: matches[0].ID, Name: name}
			continue
		case len(matches) > 1:
			problem, hint = ErrAmbiguous, fmt.Sprintf("found in scopes %v; specify one", scopes[name])
		case len(scopes[name]) > 0:
			hint = fmt.Sprintf("it is in scope %v", scopes[name])
		default:
			hint = cmp.Or(suggest(name, maps.Keys(inScope), "?"), suggest(name, maps.Keys(scopes), " in another scope?"))
		}
		text := fmt.Sprintf("permission group %q", name)
		if scope != "" {
			text += fmt.Sprintf(" in scope %q", scope)
		}
		if hint != "" {
			hint = " (" + c.sanitize(hint) + ")"
		}
		problems = append(problems, fmt.Errorf("%s: %w%s", text, problem, hint))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("cftokens: %w", problems)
	}
	return found, nil
}
