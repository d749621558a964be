package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/cftokens/cftokens-go"
)

// validator reads strictly: what the document does not name is refused.
type validator struct {
	doc     *openapi3.T
	router  routers.Router
	options *openapi3filter.Options
}

// schemaOptions switch formats on, and keep values, which may be secrets, out of
// error texts.
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

// mergeAllOf replaces the parts of an allOf by the object that they make together,
// because a strict reading closes each object.
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

func hasBearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if !strings.HasPrefix(input.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no bearer token")
	}
	return nil
}

func strict(t testing.TB) *validator {
	t.Helper()
	return newValidator(t, openapi.Document)
}

// walkSchemas visits every schema once, with the path to where it was found.
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
		for i, sub := range s.AnyOf {
			walk(fmt.Sprintf("%s(%d)", path, i), sub)
		}
	}
	for _, name := range sorted(doc.Components.Schemas) {
		walk(name, doc.Components.Schemas[name])
	}
}

// check validates an exchange. The errors are told apart, for drift and refused
// requests are refused on purpose.
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
	prefix := fmt.Sprintf("answer to %s with status %d", op.OperationID, resp.StatusCode)
	documented := op.Responses.Status(resp.StatusCode)
	if documented == nil {
		return fmt.Errorf("%s: the status is not in the document", prefix)
	}
	// kin-openapi takes any body for a response that has no schema.
	media := documented.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return fmt.Errorf("%s: the document has no schema for application/json", prefix)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: v.options}
	answer.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), answer); err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	return nil
}

// TestRecordings: the document allows what was recorded. Where it does not, either
// the document is wrong, or the recording belongs into testdata/drift.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, problem := range strict(t).problems(recordings(t)) {
		t.Error(problem)
	}
}

// problems tells, in sentences, where the document and the exchanges disagree.
func (v *validator) problems(exchanges []*exchange) (problems []string) {
	for _, e := range exchanges {
		req := e.request()
		if route, _, err := v.router.FindRoute(req); err != nil || route.Operation.OperationID != e.operation {
			problems = append(problems, fmt.Sprintf("openapi.yaml: recording %s is not a request of %s: %v", e.name, e.operation, err))
			continue
		}
		requestErr, responseErr := v.check(req, e.response())
		switch {
		case e.RequestRejected == "" && requestErr != nil:
			problems = append(problems, fmt.Sprintf("openapi.yaml contradicts recording %s: %v", e.name, requestErr))
		case e.RequestRejected != "" && (requestErr == nil || !strings.Contains(requestErr.Error(), e.RequestRejected)):
			problems = append(problems, fmt.Sprintf("openapi.yaml: the API refused the request of recording %s; the document should too, with %q, but says: %v", e.name, e.RequestRejected, requestErr))
		}
		if responseErr != nil {
			problems = append(problems, fmt.Sprintf("openapi.yaml contradicts recording %s: %v", e.name, responseErr))
		}
		problems = append(problems, v.wrongDefaults(e)...)
	}
	return problems
}

// wrongDefaults compares the defaults of query parameters that were not sent with the
// result_info of the response.
func (v *validator) wrongDefaults(e *exchange) (problems []string) {
	var body struct {
		Info map[string]any `json:"result_info"`
	}
	_ = json.Unmarshal(e.Response.Body, &body) // without a result_info, nothing is compared
	for _, ref := range operations(v.doc)[e.operation].Parameters {
		p := ref.Value
		used, ok := body.Info[p.Name]
		if _, sent := e.Request.Query[p.Name]; sent || !ok || p.Schema.Value.Default == nil {
			continue
		}
		if fmt.Sprint(used) != fmt.Sprint(p.Schema.Value.Default) {
			problems = append(problems, fmt.Sprintf("openapi.yaml contradicts recording %s: the default of %s is %v, and the response used %v", e.name, p.Name, p.Schema.Value.Default, used))
		}
	}
	return problems
}

// TestStrictness: each check that kin-openapi does not make by itself, or only when
// it is asked to, is made.
func TestStrictness(t *testing.T) {
	t.Parallel()
	v := strict(t)
	find := func(name string) *exchange {
		for _, e := range recordings(t) {
			if e.name == name {
				return e
			}
		}
		t.Fatalf("no recording %s", name)
		return nil
	}
	for _, tt := range []struct {
		name, recording, want string
		change                func(*exchange)
	}{
		{"unknown property", "getToken/200_never_used.json", "unsupported", func(e *exchange) { e.replace(`"name"`, `"nom": 1, "name"`) }},
		{"unknown property within a policy", "getToken/200_never_used.json", "unsupported", func(e *exchange) { e.replace(`"effect"`, `"effet": 1, "effect"`) }},
		{"unknown query parameter", "listTokens/200_two_tokens.json", `query parameter "sort"`, func(e *exchange) { e.Request.Query = map[string]string{"sort": "name"} }},
		{"query parameter out of range", "listTokens/200_two_tokens.json", `"per_page"`, func(e *exchange) { e.Request.Query = map[string]string{"per_page": "51"} }},
		{"undocumented status", "getToken/200_never_used.json", "not in the document", func(e *exchange) { e.Response.Status = 201 }},
		{"redirect", "getToken/200_never_used.json", "not in the document", func(e *exchange) { e.Response.Status = 302 }},
		{"content type", "getToken/200_never_used.json", "Content-Type", func(e *exchange) { e.Response.Headers["content-type"] = "text/html" }},
		{"format of a time", "getToken/200_never_used.json", "date-time", func(e *exchange) { e.replace("2025-03-04T05:06:07Z", "2025-03-04 05:06") }},
		{"format of a network", "getToken/200_condition.json", "cidr", func(e *exchange) { e.replace("192.0.2.0/24", "192.0.2.0/33") }},
		{"read-only property in a request", "createToken/200_value_of_40.json", "readOnly", func(e *exchange) {
			e.Request.Body = bytes.Replace(e.Request.Body, []byte(`"effect"`), []byte(`"id": "a", "effect"`), 1)
		}},
		{"body where none is", "getToken/200_never_used.json", "body", func(e *exchange) { e.Request.Body = []byte(`{}`) }},
	} {
		e := find(tt.recording)
		tt.change(e)
		requestErr, responseErr := v.check(e.request(), e.response())
		err := errors.Join(requestErr, responseErr)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}

	// A response without a schema would let everything through.
	e := find("getToken/200_never_used.json")
	for _, content := range []openapi3.Content{nil, {"application/json": {}}} {
		v := strict(t)
		v.doc.Paths.Value("/user/tokens/{token_id}").Get.Responses.Status(200).Value.Content = content
		if _, err := v.check(e.request(), e.response()); err == nil || !strings.Contains(err.Error(), "no schema") {
			t.Errorf("no schema: got %v", err)
		}
	}

	// Values stay out of error texts, for some are secrets.
	created := find("createToken/200_value_of_40.json")
	created.replace("EXAMPLE-token_value_not_a_secret_0123456", "hush")
	if _, err := v.check(created.request(), created.response()); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a value that is too short: %v", err)
	}
}

func (e *exchange) replace(before, after string) {
	if !bytes.Contains(e.Response.Body, []byte(before)) {
		panic(e.name + " does not hold " + strconv.Quote(before))
	}
	e.Response.Body = bytes.ReplaceAll(e.Response.Body, []byte(before), []byte(after))
}
