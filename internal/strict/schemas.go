package strict

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// EachSchema visits every schema of the components once. Its name is that of the component,
// followed by the place in it, such as "Token.policies[]".
func (d *Document) EachSchema(visit func(name string, s *openapi3.Schema)) {
	short := strings.NewReplacer("/properties/", ".", "/items", "[]", "/additionalProperties", ".*", "/anyOf/", ".", "/oneOf/", ".")
	for _, name := range Sorted(d.Components.Schemas) {
		_ = d.Components.Schemas[name].WalkSubtree(func(pointer string, ref *openapi3.SchemaRef) error {
			if pointer != "" && ref.Ref != "" {
				return openapi3.SkipSubtree // belongs to another component
			}
			visit(name+short.Replace(pointer), ref.Value)
			return nil
		})
	}
}

// JSON returns the schema of a JSON body, or an empty schema if there is none.
func JSON(content openapi3.Content) *openapi3.SchemaRef {
	if media := content["application/json"]; media != nil && media.Schema != nil {
		return media.Schema
	}
	return &openapi3.SchemaRef{Value: &openapi3.Schema{}}
}

// Request returns the schema of the body of a request, or an empty schema if there is none.
func Request(op *openapi3.Operation) *openapi3.SchemaRef {
	if op.RequestBody == nil {
		return JSON(nil)
	}
	return JSON(op.RequestBody.Value.Content)
}

// alternative returns the schema in ref's oneOf that allows value, or else the one of whose
// required properties value lacks the fewest. If ref has no oneOf, it returns ref.
func alternative(ref *openapi3.SchemaRef, value any) *openapi3.SchemaRef {
	if len(ref.Value.OneOf) == 0 {
		return ref
	}
	for _, one := range ref.Value.OneOf {
		if one.Value.VisitJSON(value, options...) == nil {
			return one
		}
	}
	object, _ := value.(map[string]any)
	lacks := func(ref *openapi3.SchemaRef) (n int) {
		for _, name := range ref.Value.Required {
			if _, ok := object[name]; !ok {
				n++
			}
		}
		return n
	}
	return slices.MinFunc(ref.Value.OneOf, func(a, b *openapi3.SchemaRef) int { return lacks(a) - lacks(b) })
}

// componentOf returns the name of the component that ref refers to.
func componentOf(ref *openapi3.SchemaRef) string { return ref.Ref[strings.LastIndex(ref.Ref, "/")+1:] }

// Reach visits every property that can be reached from a schema, as "Component.property".
// If sent is true, it skips read-only properties.
func Reach(ref *openapi3.SchemaRef, sent bool, visit func(property string)) {
	_ = ref.WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
		if sent && ref.Value.ReadOnly {
			return openapi3.SkipSubtree
		}
		for _, name := range Sorted(ref.Value.Properties) {
			if !sent || !ref.Value.Properties[name].Value.ReadOnly {
				visit(componentOf(ref) + "." + name)
			}
		}
		return nil
	})
}

// Cover visits every property that a body contains, with the same names as Reach. It visits
// nothing if the body is not JSON.
func Cover(body []byte, ref *openapi3.SchemaRef, visit func(property string)) {
	var walk func(any, *openapi3.SchemaRef)
	walk = func(value any, ref *openapi3.SchemaRef) {
		if ref == nil {
			return
		}
		ref = alternative(ref, value)
		switch value := value.(type) {
		case map[string]any:
			for name, item := range value {
				property := ref.Value.Properties[name]
				if property == nil {
					property = ref.Value.AdditionalProperties.Schema
				} else {
					visit(componentOf(ref) + "." + name)
				}
				walk(item, property)
			}
		case []any:
			for _, item := range value {
				walk(item, ref.Value.Items)
			}
		}
	}
	if value, err := Decode(body); err == nil {
		walk(value, ref)
	}
}
