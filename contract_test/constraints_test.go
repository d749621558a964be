package contract_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
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

// constraints returns every constraint of the schemas, parameters, responses and security
// that the operations of the document use, each once.
func (v *validator) constraints() (all []constraint) {
	seen := map[any]bool{}
	var parameter *openapi3.Schema // of a path or a query
	add := func(name string, weaken, strengthen func() func()) {
		if parameter != nil && (strings.HasSuffix(name, ": not null") || parameter.Type.Is("string") && strings.HasSuffix(name, ": type")) {
			return // a path or a query contains strings, and no null
		}
		all = append(all, constraint{name, weaken, strengthen})
	}
	var walk func(name string, ref *openapi3.SchemaRef, sent bool)
	walk = func(name string, ref *openapi3.SchemaRef, sent bool) {
		if ref == nil {
			return
		}
		s, name := ref.Value, strict.Name(ref, name)
		if seen[s] {
			return
		}
		seen[s] = true
		schemaConstraints(name, s, sent, add)
		for _, property := range strict.Sorted(s.Properties) {
			walk(name+"."+property, s.Properties[property], sent)
		}
		walk(name+"[]", s.Items, sent)
		walk(name+".*", s.AdditionalProperties.Schema, sent)
		for i, alternative := range slices.Concat(s.AnyOf, s.OneOf) {
			walk(fmt.Sprintf("%s(%d)", name, i), alternative, sent)
		}
	}
	ops := v.operations
	for _, sent := range []bool{true, false} { // requests first, because readOnly applies only to them
		for _, generated := range gen.Operations {
			op := ops[generated.ID]
			if sent && op.RequestBody != nil {
				body := op.RequestBody.Value
				if !seen[body] {
					seen[body] = true
					add(strict.Name(&openapi3.SchemaRef{Ref: op.RequestBody.Ref}, op.OperationID)+": required body", func() func() { return set(&body.Required, false) }, nil)
				}
				walk("", strict.JSON(body.Content), true)
			}
			for i, ref := range slices.Concat(op.Parameters, v.Paths.Value(generated.Path).Parameters) {
				if p := ref.Value; sent && p.In == "query" && !seen[p] {
					add(strict.Name(&openapi3.SchemaRef{Ref: ref.Ref}, p.Name)+": optional parameter", nil, func() func() { return set(&p.Required, true) })
				}
				if sent && ref.Value.In == "query" && i < len(op.Parameters) {
					add(op.OperationID+": query parameter "+ref.Value.Name, nil, func() func() {
						return set(&op.Parameters, slices.Delete(slices.Clone(op.Parameters), i, i+1))
					})
				}
				if sent && !seen[ref.Value] {
					seen[ref.Value] = true
					parameter = ref.Value.Schema.Value
					walk(strict.Name(&openapi3.SchemaRef{Ref: ref.Ref}, ref.Value.Name), ref.Value.Schema, true)
					parameter = nil
				}
			}
			for _, status := range strict.Sorted(op.Responses.Map()) {
				response := op.Responses.Value(status)
				media := response.Value.Content["application/json"]
				if sent || media == nil {
					continue
				}
				for _, name := range strict.Sorted(response.Value.Headers) {
					if h := response.Value.Headers[name]; !seen[h.Value] {
						seen[h.Value] = true
						add(strict.Name(&openapi3.SchemaRef{Ref: h.Ref}, name)+": optional header", nil, func() func() { return set(&h.Value.Required, true) })
					}
				}
				walk("", strict.JSON(response.Value.Content), false)
				if !seen[response.Value] {
					seen[response.Value] = true
					add(strict.Name(&openapi3.SchemaRef{Ref: response.Ref}, op.OperationID+" "+status)+": content type", func() func() {
						return set(&response.Value.Content, openapi3.Content{"application/json": media, "text/plain": &openapi3.MediaType{Schema: &openapi3.SchemaRef{Value: &openapi3.Schema{}}}})
					}, nil)
				}
			}
			if !sent {
				add(op.OperationID+": security", func() func() { return set(&op.Security, &openapi3.SecurityRequirements{}) }, nil)
				add(op.OperationID+": status", func() func() {
					op.Responses.Set("3XX", op.Responses.Value("4XX"))
					return func() { op.Responses.Delete("3XX") }
				}, nil)
				for _, status := range []string{"4XX", "5XX"} {
					add(op.OperationID+": "+status, nil, func() func() {
						response := op.Responses.Value(status)
						op.Responses.Delete(status)
						return func() { op.Responses.Set(status, response) }
					})
				}
			}
		}
	}
	add("security", func() func() { return set(&v.Security, nil) }, nil)
	return all
}

// schemaConstraints adds the constraints of one schema. sent reports whether the schema
// is part of a request.
func schemaConstraints(name string, s *openapi3.Schema, sent bool, add func(name string, weaken, strengthen func() func())) {
	if s.Type != nil {
		add(name+": type", func() func() { return set(&s.Type, nil) }, nil)
	}
	if s.Nullable {
		add(name+": nullable", nil, func() func() { return set(&s.Nullable, false) })
	} else if s.Type != nil {
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
		} else if !sent || !s.Properties[property].Value.ReadOnly {
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
	if sent && s.ReadOnly {
		add(name+": readOnly", func() func() { return set(&s.ReadOnly, false) }, nil)
	}
}
