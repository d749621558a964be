package cftokenstest

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/cftokens/cftokens-go/gen"
)

// permissionGroup is a permission group in the catalogue. Some more properties were
// seen, but not what is in them.
type permissionGroup struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Scopes      []string `json:"scopes"`
}

// A line is an id, a scope and a name with tabs between. Each name stands once for
// each scope.
//
//go:embed permission_groups.tsv
var permissionGroupsTSV string

var catalogue = sync.OnceValue(func() (groups []permissionGroup) {
	for line := range strings.Lines(permissionGroupsTSV) {
		column := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		groups = append(groups, permissionGroup{
			ID: column[0], Scopes: column[1:2], Name: column[2], Description: describe(column[2]),
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

var catalogueByID = sync.OnceValue(func() map[string]permissionGroup {
	byID := make(map[string]permissionGroup)
	for _, g := range catalogue() {
		byID[g.ID] = g
	}
	return byID
})

func groupByID(id string) (permissionGroup, bool) {
	g, ok := catalogueByID()[id]
	return g, ok
}

// groupsNamed returns the permission groups with a name, one for each scope.
func groupsNamed(name string) []permissionGroup {
	return slices.DeleteFunc(slices.Clone(catalogue()), func(g permissionGroup) bool { return g.Name != name })
}

// managingGroups returns the permission groups that the operations need: those that
// manage tokens.
var managingGroups = sync.OnceValue(func() (groups []permissionGroup) {
	for _, op := range gen.Operations {
		for _, name := range op.PermissionGroups {
			for _, g := range groupsNamed(name) {
				if !slices.ContainsFunc(groups, func(other permissionGroup) bool { return other.ID == g.ID }) {
					groups = append(groups, g)
				}
			}
		}
	}
	return groups
})

func manages(g permissionGroup) bool {
	return slices.ContainsFunc(managingGroups(), func(m permissionGroup) bool { return m.ID == g.ID })
}

func (s *Server) listPermissionGroups(c call) *answer {
	query := c.URL.Query()
	q, problem := readPage(query, 20, 1, 1000)
	if problem != nil {
		return problem
	}
	groups := slices.DeleteFunc(slices.Clone(catalogue()), func(g permissionGroup) bool {
		return query.Has("name") && query.Get("name") != g.Name ||
			query.Has("scope") && !slices.Contains(g.Scopes, query.Get("scope"))
	})
	from, to := q.bounds(len(groups))
	return envelope{
		Success: true, Result: groups[from:to], ResultInfo: q.info(to-from, len(groups)),
	}.answer(http.StatusOK)
}
