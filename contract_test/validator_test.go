package contract_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/cftokens/cftokens-go"
	"github.com/cftokens/cftokens-go/gen"
)

// validator validates strictly: it rejects everything that the document does not contain.
type validator struct {
	doc     *openapi3.T
	router  routers.Router
	options *openapi3filter.Options
}

// schemaOptions returns options that validate formats and keep values, which may be
// secrets, out of errors.
func schemaOptions() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.EnableFormatValidation(),
		openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(func(s string) error {
			if _, err := time.Parse(time.RFC3339, s); err != nil {
				return errors.New("not a time of RFC 3339")
			}
			return nil
		})),
		openapi3.WithStringFormatValidator("cidr", openapi3.NewCallbackValidator(func(s string) error {
			_, networkErr := netip.ParsePrefix(s)
			_, addressErr := netip.ParseAddr(s)
			if networkErr != nil && addressErr != nil {
				return errors.New("neither a network in CIDR notation nor an address")
			}
			return nil
		})),
	}
}

func loadDocument(t testing.TB, document []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	for _, ref := range doc.Components.Schemas {
		mergeAllOf(ref.Value)
	}
	return doc
}

// mergeAllOf replaces an allOf with a single object that has all its properties, because
// strict validation rejects unknown properties in each object.
func mergeAllOf(s *openapi3.Schema) {
	if len(s.AllOf) == 0 {
		return
	}
	properties := openapi3.Schemas{}
	for _, part := range s.AllOf {
		mergeAllOf(part.Value)
		maps.Copy(properties, part.Value.Properties)
		s.Required = append(s.Required, part.Value.Required...)
	}
	s.Type, s.Properties, s.AllOf = &openapi3.Types{"object"}, properties, nil
}

func newValidator(t testing.TB, document []byte) *validator {
	t.Helper()
	doc := loadDocument(t, document)
	walkSchemas(doc, func(_ string, s *openapi3.Schema) {
		if s.Type.Is("object") && s.AdditionalProperties.Schema == nil && s.AdditionalProperties.Has == nil {
			closed := false
			s.AdditionalProperties.Has = &closed
		}
	})
	ops := operations(doc)
	for _, op := range gen.Operations {
		if ops[op.ID] == nil || doc.Paths.Value(op.Path) == nil {
			t.Fatalf("openapi.yaml has no operation %s with the path %s: run make generate", op.ID, op.Path)
		}
	}
	for id, op := range ops {
		for _, ref := range op.Parameters {
			if ref.Value.Schema == nil {
				t.Fatalf("openapi.yaml: parameter %s of %s has no schema: add one", ref.Value.Name, id)
			}
		}
	}
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	return &validator{doc: doc, router: router, options: &openapi3filter.Options{
		IncludeResponseStatus:             true,
		MultiError:                        true,
		SkipSettingDefaults:               true,
		RejectWhenRequestBodyNotSpecified: true,
		AuthenticationFunc:                hasBearer,
		SchemaValidationOptions:           schemaOptions(),
	}}
}

// hasBearer returns an error unless the document asks for a bearer token and the request
// has one.
func hasBearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if s := input.SecurityScheme; s.Type != "http" || s.Scheme != "bearer" {
		return fmt.Errorf("the security scheme %s has the type %q and the scheme %q, want http and bearer", input.SecuritySchemeName, s.Type, s.Scheme)
	}
	if !strings.HasPrefix(input.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no bearer token")
	}
	return nil
}

// strict returns a validator for openapi.yaml.
func strict(t testing.TB) *validator {
	t.Helper()
	return newValidator(t, openapi.Document)
}

// walkSchemas visits every schema once, with the path to it.
func walkSchemas(doc *openapi3.T, visit func(path string, s *openapi3.Schema)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(string, *openapi3.SchemaRef)
	walk = func(path string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		visit(path, s)
		for _, name := range sorted(s.Properties) {
			walk(path+"."+name, s.Properties[name])
		}
		walk(path+"[]", s.Items)
		walk(path+".*", s.AdditionalProperties.Schema)
		for i, sub := range slices.Concat(s.AnyOf, s.OneOf) {
			walk(fmt.Sprintf("%s(%d)", path, i), sub)
		}
	}
	for _, name := range sorted(doc.Components.Schemas) {
		walk(name, doc.Components.Schemas[name])
	}
}

// check validates an exchange. It returns separate errors because the tests expect some
// requests and some responses to be rejected.
func (v *validator) check(req *http.Request, resp *http.Response) (requestErr, responseErr error) {
	route, params, err := v.router.FindRoute(req)
	if err != nil {
		return fmt.Errorf("no operation for %s %s: %w", req.Method, req.URL.Path, err), nil
	}
	input := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: v.options}
	return v.checkRequest(input), v.checkResponse(input, resp)
}

func (v *validator) checkRequest(input *openapi3filter.RequestValidationInput) error {
	op := input.Route.Operation
	for name := range input.Request.URL.Query() {
		if op.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("request of %s: query parameter %q is not in the document", op.OperationID, name)
		}
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		return fmt.Errorf("request of %s: %w", op.OperationID, err)
	}
	return nil
}

func (v *validator) checkResponse(input *openapi3filter.RequestValidationInput, resp *http.Response) error {
	op := input.Route.Operation
	prefix := fmt.Sprintf("response to %s with status %d", op.OperationID, resp.StatusCode)
	documented := op.Responses.Status(resp.StatusCode)
	if documented == nil {
		return fmt.Errorf("%s: the status is not in the document", prefix)
	}
	// kin-openapi accepts any body for a response without a schema.
	media := documented.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return fmt.Errorf("%s: the document has no schema for application/json", prefix)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: v.options}
	response.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), response); err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	return nil
}

// TestValidator_NoSchema checks that a response without a schema is rejected.
func TestValidator_NoSchema(t *testing.T) {
	t.Parallel()
	e := byName(recordings(t))["getToken/200_never_used.json"]
	for _, content := range []openapi3.Content{nil, {"application/json": {}}} {
		v := strict(t)
		v.doc.Paths.Value("/user/tokens/{token_id}").Get.Responses.Status(200).Value.Content = content
		if _, err := v.check(e.request(), e.response()); err == nil || !strings.Contains(err.Error(), "no schema") {
			t.Errorf("check() with the content %v: error = %v, want one that contains %q", content, err, "no schema")
		}
	}
}

// TestValidator_NoValuesInErrors checks that errors do not contain values of a body, because
// some are secrets.
func TestValidator_NoValuesInErrors(t *testing.T) {
	t.Parallel()
	const leak = "MUST-NOT-LEAK"
	e := byName(recordings(t))["createToken/200_value_of_40.json"]
	body := bytes.ReplaceAll(e.Response.Body, []byte("EXAMPLE-token_value_not_a_secret_0123456"), []byte(leak))
	if bytes.Equal(body, e.Response.Body) {
		t.Fatalf("%s does not contain the value to replace", e.name)
	}
	e.Response.Body = body
	if _, err := strict(t).check(e.request(), e.response()); err == nil || strings.Contains(err.Error(), leak) {
		t.Errorf("check() error = %v, want one without %q", err, leak)
	}
}
