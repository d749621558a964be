package cftokens

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

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
// opts.Page. It works like [Client.All].
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
	if err := checkNames(names); err != nil {
		return nil, c.withPrefix(gen.OpListPermissionGroups, err)
	}
	listed, err := c.groupsByName(ctx, scope)
	if err != nil {
		return nil, err
	}
	if scope != "" && slices.ContainsFunc(names, func(name string) bool { return len(listed.in(scope, name)) == 0 }) {
		// If this fails, the error still says what was not found.
		if all, err := c.groupsByName(ctx, ""); err == nil {
			listed = all
		}
	}
	found := make([]PermissionGroupRef, len(names))
	var problems []error
	for i, name := range names {
		switch matches := listed.in(scope, name); len(matches) {
		case 0:
			problems = append(problems, c.groupError(name, scope, ErrNotFound, listed.hint(name, scope)))
		case 1:
			found[i] = PermissionGroupRef{ID: matches[0].ID, Name: name}
		default:
			hint := fmt.Sprintf("found in scopes %v and %v; specify one", matches[0].Scopes, matches[1].Scopes)
			problems = append(problems, c.groupError(name, scope, ErrAmbiguous, hint))
		}
	}
	if len(problems) == 0 {
		return found, nil
	}
	return nil, fmt.Errorf("cftokens: %w", textErrors(problems))
}

func checkNames(names []string) error {
	if len(names) == 0 {
		return invalid("names", "must not be empty")
	}
	for i, name := range names {
		field := fmt.Sprintf("names[%d]", i)
		if name == "" {
			return invalid(field, "must not be empty")
		}
		if first := slices.Index(names, name); first < i {
			return invalid(field, fmt.Sprintf("repeats names[%d], %q", first, name))
		}
	}
	return nil
}

// groupError returns the error of a name that does not identify one group.
func (c *Client) groupError(name string, scope Scope, problem error, hint string) error {
	text := fmt.Sprintf("permission group %q", name)
	if scope != "" {
		text += fmt.Sprintf(" in scope %q", scope)
	}
	if hint != "" {
		hint = " (" + c.sanitize(hint) + ")"
	}
	return fmt.Errorf("%s: %w%s", text, problem, hint)
}

// groups are permission groups by name.
type groups map[string][]*PermissionGroup

func (c *Client) groupsByName(ctx context.Context, scope Scope) (groups, error) {
	byName := groups{}
	for group, err := range c.AllPermissionGroups(ctx, PermissionGroupOptions{Scope: scope}) {
		if err != nil {
			return nil, err
		}
		byName[group.Name] = append(byName[group.Name], group)
	}
	return byName, nil
}

// in returns the groups with a name and a scope. The API's filter is not documented.
func (g groups) in(scope Scope, name string) (matches []*PermissionGroup) {
	for _, group := range g[name] {
		if scope == "" || slices.Contains(group.Scopes, scope) {
			matches = append(matches, group)
		}
	}
	return matches
}

// hint returns a suggestion for a name that is not in a scope, or "".
func (g groups) hint(name string, scope Scope) string {
	var others []Scope
	for _, group := range g[name] {
		others = append(others, group.Scopes...)
	}
	if len(others) > 0 {
		return fmt.Sprintf("it is in scope %v", others)
	}
	inScope := slices.DeleteFunc(slices.Collect(maps.Keys(g)), func(other string) bool { return len(g.in(scope, other)) == 0 })
	if nearest := suggest(name, inScope); len(nearest) > 0 {
		return "did you mean " + alternatives(nearest) + "?"
	}
	if nearest := suggest(name, slices.Collect(maps.Keys(g))); len(nearest) > 0 {
		return "did you mean " + alternatives(nearest) + " in another scope?"
	}
	return ""
}

// alternatives returns names as a list in prose.
func alternatives(names []string) string {
	quoted := `"` + strings.Join(names, `", "`) + `"`
	if last := strings.LastIndex(quoted, `, "`); last >= 0 {
		return quoted[:last] + " or" + quoted[last+1:]
	}
	return quoted
}
