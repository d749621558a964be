package cftokenstest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// permissionGroup is a permission group in the catalog. ID, name and scopes are
// Cloudflare's. Of the other properties, only the format is known, so they are generated.
type permissionGroup struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Description  string       `json:"description"`
	Category     gen.Category `json:"category"`
	Scopes       []string     `json:"scopes"`
	IsSelectable bool         `json:"is_selectable"`
	Label        string       `json:"label"`
	Visibility   string       `json:"visibility"`
	Editable     bool         `json:"editable"`
	Deprecated   bool         `json:"deprecated"`
	EOLAt        *string      `json:"eol_at"`
}

// Each line has an ID, a scope and a name, separated by tabs. A name occurs once in
// each scope.
//
//go:embed permission_groups.tsv
var permissionGroupsTSV string

var catalog = sync.OnceValue(func() (groups []permissionGroup) {
	for line := range strings.Lines(permissionGroupsTSV) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		groups = append(groups, newPermissionGroup(cftokens.PermissionGroup{
			ID: column[0], Scopes: []cftokens.Scope{cftokens.Scope(column[1])}, Name: column[2],
		}))
	}
	return groups
})

// newPermissionGroup generates the properties of g other than ID, name and scopes.
func newPermissionGroup(g cftokens.PermissionGroup) permissionGroup {
	scopes := make([]string, len(g.Scopes))
	for i, scope := range g.Scopes {
		scopes[i] = string(scope)
	}
	return permissionGroup{
		ID: g.ID, Name: g.Name, Scopes: scopes, Description: describe(g.Name),
		Category: categoryOf(scopes), IsSelectable: true, Label: labelOf(g.Name), Visibility: "public",
	}
}

func describe(name string) string {
	for _, level := range []string{"Read", "Write"} {
		if what, ok := strings.CutSuffix(name, " "+level); ok {
			return "Grants " + strings.ToLower(level) + " access to " + strings.TrimSuffix(what, ":")
		}
	}
	return "Grants access to " + name
}

func categoryOf(scopes []string) gen.Category {
	switch {
	case slices.Contains(scopes, scopeZone):
		return gen.CategoryDNSAndZones
	case slices.Contains(scopes, scopeAccount), slices.Contains(scopes, scopeUser):
		return gen.CategoryAccountAndBilling
	}
	return gen.CategoryDeveloperPlatform
}

// labelOf returns the label of a name, such as "dns_read" for "DNS Read".
func labelOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "_")
}

// groupNamed returns the group with a name that operations of the document require.
func groupNamed(name string) permissionGroup {
	for _, g := range managingGroups() {
		if g.Name == name {
			return g
		}
	}
	panic(fmt.Sprintf("cftokenstest: no operation needs permission group %q", name))
}

// managingGroups returns the permission groups that allow a token to manage tokens:
// those that the operations of the document require.
var managingGroups = sync.OnceValue(func() (groups []permissionGroup) {
	seen := make(map[string]bool)
	for _, op := range gen.Operations {
		for _, name := range op.PermissionGroups {
			if seen[name] {
				continue
			}
			seen[name] = true
			i := slices.IndexFunc(catalog(), func(g permissionGroup) bool { return g.Name == name })
			if i < 0 {
				panic(fmt.Sprintf("cftokenstest: permission group %q of %s is not in the catalog: add it to permission_groups.tsv", name, op.ID))
			}
			groups = append(groups, catalog()[i])
		}
	}
	return groups
})

// createsTokens reports whether the permission group with an ID allows a token to create
// tokens.
func createsTokens(id string) bool {
	names := slices.Concat(gen.OpCreateToken.PermissionGroups, gen.OpCreateAccountToken.PermissionGroups)
	return slices.ContainsFunc(names, func(name string) bool { return groupNamed(name).ID == id })
}

// listPermissionGroups returns all groups in one response, without dividing it into pages.
// An account has no groups of the user's scope.
func (s *Server) listPermissionGroups(c *call) *response {
	query := c.URL.Query()
	result := []permissionGroup{}
	for _, g := range s.catalog {
		switch {
		case query.Has("name") && query.Get("name") != g.Name:
		case query.Has("scope") && !slices.Contains(g.Scopes, query.Get("scope")):
		case c.owner == s.account && slices.Contains(g.Scopes, scopeUser):
		default:
			result = append(result, g)
		}
	}
	return envelope{Success: true, Result: result, ResultInfo: json.RawMessage("null")}.response(http.StatusOK)
}
