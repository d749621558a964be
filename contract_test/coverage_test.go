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

// shared schemas stand in every answer; each of their properties is to be shown
// once in all, not once for each operation.
var shared = []string{"ResponseInfo", "ErrorSource"}

// place is a property, or a parameter, of an operation's request or of its answers
// of a status class. Properties go by schema: a policy's effect is the same thing
// in every list.
type place struct{ operation, side, property string }

func (p place) String() string { return p.operation + " " + p.side + " " + p.property }

// places are all the places of the document.
func (v *validator) places() map[place]bool {
	all := map[place]bool{}
	for id, op := range operations(v.doc) {
		for _, ref := range op.Parameters {
			if ref.Value.In == "query" {
				all[place{id, "request", "?" + ref.Value.Name}] = true
			}
		}
		if op.RequestBody != nil {
			reach(op.RequestBody.Value.Content["application/json"].Schema, func(schema, property string, s *openapi3.Schema) {
				if !s.ReadOnly {
					all[place{id, "request", schema + "." + property}] = true
				}
			})
		}
		for status, response := range op.Responses.Map() {
			all[place{id, strings.ToLower(status[:1]) + "xx", "(status)"}] = true
			reach(response.Value.Content["application/json"].Schema, func(schema, property string, _ *openapi3.Schema) {
				all[answerPlace(id, status[:1]+"xx", schema, property)] = true
			})
		}
	}
	return all
}

func answerPlace(operation, class, schema, property string) place {
	if slices.Contains(shared, schema) {
		return place{"any", "answer", schema + "." + property}
	}
	return place{operation, class, schema + "." + property}
}

// schemaName is the component that a reference names.
func schemaName(ref *openapi3.SchemaRef, otherwise string) string {
	if ref.Ref != "" {
		return ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
	}
	return otherwise
}

// reach visits every property that can be reached from a schema, by component.
func reach(ref *openapi3.SchemaRef, visit func(schema, property string, s *openapi3.Schema)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(*openapi3.SchemaRef, string)
	walk = func(ref *openapi3.SchemaRef, name string) {
		if ref == nil || seen[ref.Value] {
			return
		}
		s, name := ref.Value, schemaName(ref, name)
		seen[s] = true
		for _, property := range sorted(s.Properties) {
			visit(name, property, s.Properties[property].Value)
			walk(s.Properties[property], name)
		}
		walk(s.Items, name)
		walk(s.AdditionalProperties.Schema, name)
	}
	walk(ref, "")
}

// cover marks what a body shows.
func cover(body json.RawMessage, ref *openapi3.SchemaRef, mark func(schema, property string)) {
	value, err := decode(body)
	if err != nil {
		return
	}
	var walk func(any, *openapi3.SchemaRef, string)
	walk = func(value any, ref *openapi3.SchemaRef, name string) {
		if ref == nil {
			return
		}
		s, name := ref.Value, schemaName(ref, name)
		switch value := value.(type) {
		case map[string]any:
			for key, item := range value {
				if property := s.Properties[key]; property != nil {
					mark(name, key)
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

// covered tells which sources show each place.
func (v *validator) covered(t testing.TB, exchanges []*exchange) map[place][]string {
	t.Helper()
	sources := map[place][]string{}
	for _, e := range exchanges {
		mark := func(p place) {
			if !slices.Contains(sources[p], e.Source) {
				sources[p] = append(sources[p], e.Source)
			}
		}
		op := operations(v.doc)[e.operation]
		response := op.Responses.Status(e.Response.Status)
		if response == nil {
			t.Errorf("openapi.yaml lacks the status %d of %s, which recording %s shows", e.Response.Status, e.operation, e.name)
			continue
		}
		class := fmt.Sprintf("%dxx", e.Response.Status/100)
		mark(place{e.operation, class, "(status)"})
		cover(e.Response.Body, response.Value.Content["application/json"].Schema, func(schema, property string) {
			mark(answerPlace(e.operation, class, schema, property))
		})
		if e.RequestRefused != "" {
			continue
		}
		for name := range e.Request.Query {
			mark(place{e.operation, "request", "?" + name})
		}
		if e.Request.Body != nil && op.RequestBody != nil {
			cover(e.Request.Body, op.RequestBody.Value.Content["application/json"].Schema, func(schema, property string) {
				mark(place{e.operation, "request", schema + "." + property})
			})
		}
	}
	return sources
}

// TestCoverage: every operation, status class, property and parameter of the
// document is shown by a recording. The table tells by which sources.
func TestCoverage(t *testing.T) {
	t.Parallel()
	v := strict(t)
	places, sources := v.places(), v.covered(t, recordings(t))
	var rows []string
	shown := 0
	for p := range places {
		from := sources[p]
		if len(from) == 0 {
			t.Errorf("no recording shows %s, which openapi.yaml has: record it, or take it out of the document", p)
		} else {
			shown++
		}
		slices.Sort(from)
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s", p.operation, p.side, p.property, strings.Join(from, ", ")))
	}
	slices.Sort(rows)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "OPERATION\tSIDE\tPROPERTY\tSHOWN BY")
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if *coverageTable {
		t.Logf("\n%s", &table)
	}
	t.Logf("properties and parameters: %d in the document, %d shown by recordings", len(places), shown)
	if len(places) < 100 {
		t.Errorf("only %d places were found in the document", len(places))
	}
}
