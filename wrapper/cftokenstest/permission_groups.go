package cftokenstest

import (
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/cftokens/cftokens-go/gen"
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
		groups = append(groups, permissionGroup{
			ID: column[0], Scopes: column[1:2], Name: column[2], Description: describe(column[2]),
			Category: categoryOf(column[1]), IsSelectable: true, Label: labelOf(column[2]), Visibility: "public",
		})
	}
	return groups
})

func describe(name string) string {
	for _, level := range []string{"Read", "Write"} {
		if what, ok := strings.CutSuffix(name, " "+level); ok {
			return "Grants " + strings.ToLower(level) + " access to " + strings.TrimSuffix(what, ":")
		}
	}
	return "Grants access to " + name
}

func categoryOf(scope string) gen.Category {
	switch scope {
	case scopeZone:
		return gen.CategoryDNSAndZones
	case scopeAccount, scopeUser:
		return gen.CategoryAccountAndBilling
	}
	return gen.CategoryDeveloperPlatform
}

// labelOf returns the label of a name, such as "dns_read" for "DNS Read".
func labelOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "_")
}

var catalogByID = sync.OnceValue(func() map[string]permissionGroup {
	byID := make(map[string]permissionGroup)
	for _, g := range catalog() {
		byID[g.ID] = g
	}
	return byID
})

func groupByID(id string) (permissionGroup, bool) {
	g, ok := catalogByID()[id]
	return g, ok
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

// managesTokens reports whether the permission group with an ID allows a token to
// manage tokens.
func managesTokens(id string) bool {
	return slices.ContainsFunc(managingGroups(), func(g permissionGroup) bool { return g.ID == id })
}

func (s *Server) listPermissionGroups(c *call) *response {
	query := c.URL.Query()
	q, problem := readPage(query, 20, 1, 1000)
	if problem != nil {
		return problem
	}
	groups := slices.DeleteFunc(slices.Clone(catalog()), func(g permissionGroup) bool {
		return query.Has("name") && query.Get("name") != g.Name ||
			query.Has("scope") && !slices.Contains(g.Scopes, query.Get("scope"))
	})
	from, to := q.bounds(len(groups))
	return envelope{
		Success: true, Result: groups[from:to], ResultInfo: q.info(to-from, len(groups)),
	}.response(http.StatusOK)
}
