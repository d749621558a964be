// Package strict checks HTTP exchanges against openapi.yaml. It rejects everything that the
// document does not contain. Package contract is its public face; the tests of this module
// also use it with changed documents.
package strict

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/cftokens/cftokens-go"
)

// Document is an OpenAPI document whose objects have only the properties that they list.
type Document struct {
	*openapi3.T

	Operations map[string]*openapi3.Operation // by operationId

	routes []route
}

// Default returns openapi.yaml, which is parsed once. It must not be modified.
var Default = sync.OnceValue(func() *Document {
	d, err := Parse(openapi.Document)
	if err != nil {
		panic(err)
	}
	return d
})

// Parse parses a document. Each call returns another Document.
func Parse(text []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	d := &Document{T: doc, Operations: map[string]*openapi3.Operation{}}
	for name, scheme := range doc.Components.SecuritySchemes {
		if scheme.Value.Type != "http" || scheme.Value.Scheme != "bearer" {
			return nil, fmt.Errorf("openapi.yaml: the security scheme %s does not have type: http and scheme: bearer", name)
		}
	}
	for _, ref := range doc.Components.Schemas {
		mergeAllOf(ref.Value)
	}
	d.EachSchema(func(_ string, s *openapi3.Schema) {
		if len(s.Properties) > 0 && s.AdditionalProperties.Schema == nil && s.AdditionalProperties.Has == nil {
			s.AdditionalProperties.Has = new(bool)
		}
	})
	for path, item := range doc.Paths.Map() {
		d.routes = append(d.routes, route{strings.Split(path, "/")[1:], item})
		for _, op := range item.Operations() {
			d.Operations[op.OperationID] = op
		}
	}
	// A longer path comes first, and a literal segment before a parameter.
	slices.SortFunc(d.routes, func(a, b route) int {
		return cmp.Or(len(b.segments)-len(a.segments), slices.Compare(a.segments, b.segments))
	})
	return d, nil
}

// mergeAllOf replaces an allOf with a single object that has all its properties, because
// each part would reject the properties of the others. Those of a component become
// references.
func mergeAllOf(s *openapi3.Schema) {
	if len(s.AllOf) == 0 {
		return
	}
	properties := openapi3.Schemas{}
	for _, part := range s.AllOf {
		mergeAllOf(part.Value)
		for name, property := range part.Value.Properties {
			if part.Ref != "" && property.Ref == "" {
				property = &openapi3.SchemaRef{Ref: part.Ref + "/properties/" + name, Value: property.Value}
			}
			properties[name] = property
		}
		s.Required = append(s.Required, part.Value.Required...)
	}
	s.Type, s.Properties, s.AllOf = &openapi3.Types{"object"}, properties, nil
}

// route is a path template, split into segments.
type route struct {
	segments []string
	item     *openapi3.PathItem
}

// Find returns the operation whose path template matches the end of the request's path,
// and the values of the parameters in it. If there is none, it returns why.
func (d *Document) Find(req *http.Request) (op *openapi3.Operation, item *openapi3.PathItem, params map[string]string, problem string) {
	path := strings.Split(req.URL.EscapedPath(), "/")
	for _, r := range d.routes {
		if params, ok := r.match(path); ok {
			if op = r.item.GetOperation(req.Method); op == nil {
				return nil, nil, nil, "the document has no operation with this method for the path"
			}
			return op, r.item, params, ""
		}
	}
	return nil, nil, nil, "the document has no operation with this path"
}

func (r route) match(path []string) (params map[string]string, ok bool) {
	from := len(path) - len(r.segments)
	if from < 0 {
		return nil, false
	}
	params = map[string]string{}
	for i, want := range r.segments {
		segment, err := url.PathUnescape(path[from+i])
		if name, isParam := strings.CutPrefix(want, "{"); isParam {
			params[strings.TrimSuffix(name, "}")] = segment
		} else if err != nil || want != segment {
			return nil, false
		}
	}
	return params, true
}

// Sorted returns the keys of m in order.
func Sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
