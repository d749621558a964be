package contract_test

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// constraint is a constraint of the document that can be removed or tightened.
type constraint struct {
	name string
	// weaken removes the constraint; nil if that is not possible.
	weaken func() (undo func())
	// strengthen makes the constraint stricter; nil if that is not possible.
	strengthen func() (undo func())
}

// set sets *p to v and returns a function that restores the old value.
func set[T any](p *T, v T) (undo func()) {
	old := *p
	*p = v
	return func() { *p = old }
}

// A use is what a schema is part of. The schema of a request may also be in a response.
type use int

const (
	unused use = iota
	inResponse
	inRequest
	inParameter // a path or a query, which contains strings, and no null
)

// constraints returns every constraint of the components and operations of the document.
func (v *validator) constraints() (all []constraint) {
	add := func(name string, weaken, strengthen func() func()) {
		all = append(all, constraint{name, weaken, strengthen})
	}
	uses := map[*openapi3.Schema]use{}
	mark := func(schema *openapi3.SchemaRef, as use) {
		_ = schema.WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
			uses[ref.Value] = as
			return nil
		})
	}
	for name, ref := range v.Components.Responses {
		response := ref.Value
		add(name+": content type", func() func() {
			content := maps.Clone(response.Content)
			content["text/plain"] = &openapi3.MediaType{Schema: &openapi3.SchemaRef{Value: &openapi3.Schema{}}}
			return set(&response.Content, content)
		}, nil)
		mark(strict.JSON(response.Content), inResponse)
	}
	for name, ref := range v.Components.RequestBodies {
		body := ref.Value
		add(name+": required body", func() func() { return set(&body.Required, false) }, nil)
		mark(strict.JSON(body.Content), inRequest)
	}
	for name, ref := range v.Components.Parameters {
		p := ref.Value
		if p.In == "query" {
			add(name+": optional parameter", nil, func() func() { return set(&p.Required, true) })
		}
		if mark(p.Schema, inParameter); p.Schema.Ref == "" {
			schemaConstraints(name, p.Schema.Value, inParameter, add)
		}
	}
	for name, ref := range v.Components.Headers {
		header := ref.Value
		add(name+": optional header", nil, func() func() { return set(&header.Required, true) })
	}
	v.EachSchema(func(name string, s *openapi3.Schema) {
		if uses[s] != unused {
			schemaConstraints(name, s, uses[s], add)
		}
	})
	for id, op := range v.Operations {
		for i, ref := range op.Parameters {
			add(id+": query parameter "+ref.Value.Name, nil, func() func() {
				return set(&op.Parameters, slices.Delete(slices.Clone(op.Parameters), i, i+1))
			})
		}
		add(id+": security", func() func() { return set(&op.Security, &openapi3.SecurityRequirements{}) }, nil)
		add(id+": status", func() func() {
			op.Responses.Set("3XX", op.Responses.Value("4XX"))
			return func() { op.Responses.Delete("3XX") }
		}, nil)
		for _, status := range []string{"4XX", "5XX"} {
			add(id+": "+status, nil, func() func() {
				response := op.Responses.Value(status)
				op.Responses.Delete(status)
				return func() { op.Responses.Set(status, response) }
			})
		}
	}
	add("security", func() func() { return set(&v.Security, nil) }, nil)
	return all
}

// schemaConstraints adds the constraints of one schema.
func schemaConstraints(name string, s *openapi3.Schema, as use, add func(name string, weaken, strengthen func() func())) {
	if s.Type != nil && (as != inParameter || !s.Type.Is("string")) {
		add(name+": type", func() func() { return set(&s.Type, nil) }, nil)
	}
	if s.Nullable {
		add(name+": nullable", nil, func() func() { return set(&s.Nullable, false) })
	} else if s.Type != nil && as != inParameter {
		add(name+": not null", func() func() { return set(&s.Nullable, true) }, nil)
	}
	open := true
	if allowed := s.AdditionalProperties.Has; s.Type.Is("object") && s.AdditionalProperties.Schema == nil && (allowed == nil || !*allowed) {
		add(name+": additionalProperties", func() func() { return set(&s.AdditionalProperties.Has, &open) }, nil)
	}
	for _, property := range strict.Sorted(s.Properties) {
		add(name+": property "+property, nil, func() func() {
			ref := s.Properties[property]
			delete(s.Properties, property)
			return func() { s.Properties[property] = ref }
		})
		if i := slices.Index(s.Required, property); i >= 0 {
			add(name+": required "+property, func() func() { return set(&s.Required, slices.Delete(slices.Clone(s.Required), i, i+1)) }, nil)
		} else if as == inResponse || !s.Properties[property].Value.ReadOnly {
			add(name+": optional "+property, nil, func() func() { return set(&s.Required, append(slices.Clone(s.Required), property)) })
		}
	}
	if len(s.Enum) > 0 {
		add(name+": enum", func() func() { return set(&s.Enum, nil) }, nil)
		for i, value := range s.Enum {
			if len(s.Enum) == 1 {
				break // the enum would be empty
			}
			add(name+": enum value "+jsonText(value), nil, func() func() { return set(&s.Enum, slices.Delete(slices.Clone(s.Enum), i, i+1)) })
		}
	}
	if s.Format != "" {
		add(name+": format "+s.Format, func() func() { return set(&s.Format, "") }, nil)
	}
	if s.Pattern != "" {
		add(name+": pattern", func() func() { return set(&s.Pattern, "") }, nil)
	}
	if s.MinLength > 0 {
		add(name+": minLength", func() func() { return set(&s.MinLength, 0) }, func() func() { return set(&s.MinLength, s.MinLength+1) })
	}
	if s.MaxLength != nil {
		lower := *s.MaxLength - 1
		add(name+": maxLength", func() func() { return set(&s.MaxLength, nil) }, func() func() { return set(&s.MaxLength, &lower) })
	}
	if s.Min != nil {
		higher := *s.Min + 1
		add(name+": minimum", func() func() { return set(&s.Min, nil) }, func() func() { return set(&s.Min, &higher) })
	}
	if s.Max != nil {
		lower := *s.Max - 1
		add(name+": maximum", func() func() { return set(&s.Max, nil) }, func() func() { return set(&s.Max, &lower) })
	}
	if s.Default != nil {
		add(name+": default", func() func() { return set(&s.Default, nil) }, func() func() { return set(&s.Default, any("another")) })
	}
	if as == inRequest && s.ReadOnly {
		add(name+": readOnly", func() func() { return set(&s.ReadOnly, false) }, nil)
	}
}
