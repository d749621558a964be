package contract_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/getkin/kin-openapi/openapi3"
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
	for id, op := range operations(v.doc) {
		for _, ref := range op.Parameters {
			if ref.Value.In == "query" {
				all[place{id, "request", "?" + ref.Value.Name}] = true
			}
		}
		if op.RequestBody != nil {
			reach(jsonSchema(op.RequestBody.Value.Content), true, func(property string) {
				all[place{"", "request", property}] = true
			})
		}
		for status, response := range op.Responses.Map() {
			all[place{id, "response", status[:1] + "xx"}] = true
			reach(jsonSchema(response.Value.Content), false, func(property string) {
				all[place{"", "response", property}] = true
			})
		}
	}
	return all
}

// jsonSchema returns the schema of a JSON body, or an empty schema if there is none, which
// TestConventions reports.
func jsonSchema(content openapi3.Content) *openapi3.SchemaRef {
	if media := content["application/json"]; media != nil && media.Schema != nil {
		return media.Schema
	}
	return &openapi3.SchemaRef{Value: &openapi3.Schema{}}
}

// alternative returns the schema in ref's oneOf that value is of: the first one whose
// required properties value has. It returns ref if there is none.
func alternative(ref *openapi3.SchemaRef, value any) *openapi3.SchemaRef {
	object, _ := value.(map[string]any)
	for _, one := range ref.Value.OneOf {
		missing := func(name string) bool { _, ok := object[name]; return !ok }
		if !slices.ContainsFunc(one.Value.Required, missing) {
			return one
		}
	}
	return ref
}

// schemaName returns the name of the component that ref refers to, or otherwise if ref is
// not a reference.
func schemaName(ref *openapi3.SchemaRef, otherwise string) string {
	if ref.Ref != "" {
		return ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
	}
	return otherwise
}

// reach visits every property that can be reached from a schema, as "Component.property".
// If sent is true, it skips read-only properties.
func reach(ref *openapi3.SchemaRef, sent bool, visit func(property string)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(*openapi3.SchemaRef, string)
	walk = func(ref *openapi3.SchemaRef, name string) {
		if ref == nil || seen[ref.Value] || sent && ref.Value.ReadOnly {
			return
		}
		s, name := ref.Value, schemaName(ref, name)
		seen[s] = true
		for _, property := range sorted(s.Properties) {
			if child := s.Properties[property]; !sent || !child.Value.ReadOnly {
				visit(name + "." + property)
				walk(child, name)
			}
		}
		walk(s.Items, name)
		walk(s.AdditionalProperties.Schema, name)
		for _, alternative := range s.OneOf {
			walk(alternative, name)
		}
	}
	walk(ref, "")
}

// cover visits every property that a body contains, with the same names as reach.
func cover(body json.RawMessage, ref *openapi3.SchemaRef, visit func(property string)) {
	value, err := decode(body)
	if err != nil {
		return
	}
	var walk func(any, *openapi3.SchemaRef, string)
	walk = func(value any, ref *openapi3.SchemaRef, name string) {
		if ref == nil {
			return
		}
		ref = alternative(ref, value)
		s, name := ref.Value, schemaName(ref, name)
		switch value := value.(type) {
		case map[string]any:
			for key, item := range value {
				if property := s.Properties[key]; property != nil {
					visit(name + "." + key)
					walk(item, property, name)
				} else {
					walk(item, s.AdditionalProperties.Schema, name)
				}
			}
		case []any:
			for _, item := range value {
				walk(item, s.Items, name)
			}
		}
	}
	walk(value, ref, "")
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
		op := operations(v.doc)[e.operation]
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
		cover(e.Response.Body, jsonSchema(response.Value.Content), func(property string) {
			mark("", "response", property)
		})
		if e.RequestRejected != "" {
			continue
		}
		for name := range e.Request.Query {
			mark(e.operation, "request", "?"+name)
		}
		if e.Request.Body != nil && op.RequestBody != nil {
			cover(e.Request.Body, jsonSchema(op.RequestBody.Value.Content), func(property string) {
				mark("", "request", property)
			})
		}
	}
	return sources
}

// TestCoverage checks that the recordings contain every operation, status class, property
// and query parameter of the document. The table lists the sources of the recordings.
func TestCoverage(t *testing.T) {
	t.Parallel()
	v := strict(t)
	places, sources := v.places(), v.covered(t, recordings(t))
	var rows, missing []string
	for p := range places {
		from := sources[p]
		if len(from) == 0 {
			missing = append(missing, p.String())
		}
		slices.Sort(from)
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s", p.operation, p.side, p.property, strings.Join(from, ", ")))
	}
	slices.Sort(missing)
	for _, p := range missing {
		t.Errorf("no recording contains %s, which is in openapi.yaml: add it to a file in contract_test/testdata/recordings/<operationId>, add a file (see contract_test/README.md), or delete it from the document", p)
	}
	slices.Sort(rows)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "OPERATION\tSIDE\tPROPERTY\tSOURCES")
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if *coverageTable {
		t.Logf("\n%s", &table)
	}
	t.Logf("properties, parameters and responses: %d in the document, %d in recordings", len(places), len(places)-len(missing))
	if len(places) < 100 {
		t.Errorf("found %d places in the document, want 100 or more", len(places))
	}
}
