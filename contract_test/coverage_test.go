package contract_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/internal/strict"
)

var coverageTable = flag.Bool("coverage.table", false, "print the table of TestCoverage")

// place is a query parameter or a response status of an operation, or a property of a
// request or a response. Properties are counted once per component, not per operation,
// because operations share components.
type place struct{ operation, side, property string }

func (p place) String() string {
	return strings.TrimSpace(p.operation + " " + p.side + " " + p.property)
}

// places returns all places in the document.
func (v *validator) places() map[place]bool {
	all := map[place]bool{}
	for id, op := range v.Operations {
		for _, ref := range op.Parameters {
			if ref.Value.In == "query" {
				all[place{id, "request", "?" + ref.Value.Name}] = true
			}
		}
		strict.Reach(strict.Request(op), true, func(property string) {
			all[place{"", "request", property}] = true
		})
		for status, response := range op.Responses.Map() {
			all[place{id, "response", status[:1] + "xx"}] = true
			strict.Reach(strict.JSON(response.Value.Content), false, func(property string) {
				all[place{"", "response", property}] = true
			})
		}
	}
	return all
}

// covered returns the sources of the exchanges that contain each place.
func (v *validator) covered(t testing.TB, exchanges []*exchange) map[place][]string {
	t.Helper()
	sources := map[place][]string{}
	for _, e := range exchanges {
		mark := func(operation, side, property string) {
			p := place{operation, side, property}
			if !slices.Contains(sources[p], e.Source) {
				sources[p] = append(sources[p], e.Source)
			}
		}
		op := v.Operations[e.operation]
		if op == nil {
			t.Errorf("%s: openapi.yaml has no operation %q: rename the folder after the operation", e.name, e.operation)
			continue
		}
		response := op.Responses.Status(e.Response.Status)
		if response == nil {
			t.Errorf("%s: openapi.yaml has no response with status %d for %s: add it, or move the file to contract_test/testdata/drift", e.name, e.Response.Status, e.operation)
			continue
		}
		mark(e.operation, "response", fmt.Sprintf("%dxx", e.Response.Status/100))
		strict.Cover(e.Response.Body, strict.JSON(response.Value.Content), func(property string) {
			mark("", "response", property)
		})
		if e.RequestRejected != "" {
			continue
		}
		for name := range e.Request.Query {
			mark(e.operation, "request", "?"+name)
		}
		strict.Cover(e.Request.Body, strict.Request(op), func(property string) {
			mark("", "request", property)
		})
	}
	return sources
}

// uncovered returns the places that no recording contains.
func (v *validator) uncovered(t testing.TB) (places []string) {
	t.Helper()
	sources := v.covered(t, recordings(t))
	for p := range v.places() {
		if len(sources[p]) == 0 {
			places = append(places, p.String())
		}
	}
	slices.Sort(places)
	return places
}

// TestCoverage checks that the recordings contain every operation, status class, property
// and query parameter of the document. The table lists the sources of the recordings.
func TestCoverage(t *testing.T) {
	t.Parallel()
	v := document()
	places, sources := v.places(), v.covered(t, recordings(t))
	var rows []string
	for p := range places {
		slices.Sort(sources[p])
		rows = append(rows, fmt.Sprintf("%-60s %s", p, strings.Join(sources[p], ", ")))
	}
	missing := v.uncovered(t)
	if len(missing) > 0 {
		t.Errorf("no recording contains %q, which openapi.yaml has: add them to files in contract_test/testdata/recordings/<operationId>, add files (see contract_test/README.md), or delete them from the document", missing)
	}
	if slices.Sort(rows); *coverageTable {
		t.Log("\n" + strings.Join(rows, "\n"))
	}
	t.Logf("properties, parameters and responses: %d in the document, %d in recordings", len(places), len(places)-len(missing))
	if len(places) < 100 {
		t.Errorf("found %d places in the document, want 100 or more", len(places))
	}
}
