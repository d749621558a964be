package strict

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Violation is a difference between an exchange and the document. It contains no value.
type Violation struct {
	Operation string // operationId, or "" if the document has no such operation
	Status    int    // of the response, or 0 if the request is at fault
	Path      string // a JSON pointer into the body, or a part such as "query per_page"
	Problem   string
}

func (v Violation) String() string {
	side := "request"
	if v.Status != 0 {
		side = "response " + strconv.Itoa(v.Status)
	}
	return fmt.Sprintf("%s: %s: %s: %s", cmp.Or(v.Operation, "unknown operation"), side, v.Path, v.Problem)
}

// Body is the body of a message.
type Body struct {
	Data    []byte
	Problem string // why the body cannot be checked
	Unknown bool   // whether the body is left out of the check
}

// Check returns the differences between an exchange and the document. It does not read
// the bodies of req and resp. If resp is nil, it checks only the request.
func (d *Document) Check(req *http.Request, sent Body, resp *http.Response, received Body) []Violation {
	op, item, params, problem := d.Find(req)
	if op == nil {
		return []Violation{{Path: "path", Problem: problem}}
	}
	c := &checker{Violation: Violation{Operation: op.OperationID}}
	if !d.authenticated(op, req) {
		c.add("header Authorization", "must contain a bearer token")
	}
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		c.add("query", "is malformed")
	}
	for _, name := range Sorted(query) {
		if op.Parameters.GetByInAndName("query", name) == nil {
			c.add("query "+printable(name), undocumented)
		}
	}
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		p, values := ref.Value, []string(nil)
		switch p.In {
		case "query":
			values = query[p.Name]
		case "path":
			values = []string{params[p.Name]}
		case "header":
			values = req.Header.Values(p.Name)
		}
		c.parameter(p.In+" "+p.Name, values, p.Required, p.Schema)
	}
	switch body := op.RequestBody; {
	case body == nil && len(sent.Data) > 0:
		c.add("body", undocumented)
	case body == nil:
	case len(sent.Data) == 0 && sent.Problem == "" && !sent.Unknown:
		if body.Value.Required {
			c.add("body", missing)
		}
	default:
		c.body(body.Value.Content, req.Header, sent, openapi3.VisitAsRequest())
	}
	if resp != nil {
		c.Status = resp.StatusCode
		c.response(op.Responses.Status(resp.StatusCode), resp.Header, received)
	}
	return c.found
}

const (
	missing      = "is missing"
	undocumented = "is not in the document"
)

// authenticated reports whether the request has the bearer token that the document asks
// for.
func (d *Document) authenticated(op *openapi3.Operation, req *http.Request) bool {
	requirements := d.Security
	if op.Security != nil {
		requirements = *op.Security
	}
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	optional := func(r openapi3.SecurityRequirement) bool { return len(r) == 0 }
	return len(requirements) == 0 || slices.ContainsFunc(requirements, optional) || strings.EqualFold(scheme, "Bearer") && token != ""
}

// checker collects the violations of an exchange. The embedded Violation has the operation
// and the status of the next one.
type checker struct {
	Violation
	found []Violation
}

func (c *checker) add(path, problem string) {
	c.Path, c.Problem = path, problem
	if !slices.Contains(c.found, c.Violation) {
		c.found = append(c.found, c.Violation)
	}
}

func (c *checker) response(documented *openapi3.ResponseRef, header http.Header, body Body) {
	if documented == nil {
		c.add("status", undocumented)
		return
	}
	for _, name := range Sorted(documented.Value.Headers) {
		h := documented.Value.Headers[name].Value
		c.parameter("header "+name, header.Values(name), h.Required, h.Schema)
	}
	c.body(documented.Value.Content, header, body, openapi3.VisitAsResponse())
}

// parameter checks a parameter or a header.
func (c *checker) parameter(where string, values []string, required bool, schema *openapi3.SchemaRef) {
	switch {
	case len(values) == 0 && required:
		c.add(where, missing)
	case len(values) == 0:
	case len(values) > 1:
		c.add(where, "occurs more than once")
	case schema == nil:
		c.add(where, "has no schema in the document")
	default:
		c.schema(where, schema.Value, scalar(values[0], schema.Value))
	}
}

// scalar returns the JSON value that text is, or text if s is of type string or it is none.
func scalar(text string, s *openapi3.Schema) any {
	if s.Type.Is("string") {
		return text
	}
	if value, err := Decode([]byte(text)); err == nil && value != nil {
		return value
	}
	return text
}

func (c *checker) body(content openapi3.Content, header http.Header, body Body, side openapi3.SchemaValidationOption) {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	media := content[mediaType]
	switch {
	case media == nil || media.Schema == nil:
		c.add("header Content-Type", "must be "+strings.Join(Sorted(content), " or "))
		return
	case body.Problem != "":
		c.add("body", body.Problem)
		return
	case body.Unknown:
		return
	}
	var value any = string(body.Data)
	if strings.HasSuffix(mediaType, "json") {
		var err error
		if value, err = Decode(body.Data); err != nil {
			c.add("body", "is not JSON")
			return
		}
	}
	c.schema("", alternative(media.Schema, value).Value, value, side)
}

// schema checks a value. where is empty for a body, whose violations have a JSON pointer.
func (c *checker) schema(where string, s *openapi3.Schema, value any, opts ...openapi3.SchemaValidationOption) {
	var visit func(error)
	visit = func(err error) {
		var all openapi3.MultiError
		var violation *openapi3.SchemaError
		switch {
		case err == nil:
		case errors.As(err, &all):
			for _, err := range all {
				visit(err)
			}
		case errors.As(err, &violation):
			c.violation(where, s, violation)
		default:
			c.add(where, "cannot be checked")
		}
	}
	visit(s.VisitJSON(value, append(opts, options...)...))
}

// options validate formats. They contain no function that depends on a document.
var options = []openapi3.SchemaValidationOption{
	openapi3.MultiErrors(),
	openapi3.EnableFormatValidation(),
	openapi3.WithStringFormatValidator("cidr", openapi3.NewCallbackValidator(func(s string) error {
		_, networkErr := netip.ParsePrefix(s)
		if _, err := netip.ParseAddr(s); err == nil {
			return nil
		}
		return networkErr
	})),
}

// violation adds a violation of a schema. The messages of err contain values, so only the
// keyword is taken from it; the rest comes from the document.
func (c *checker) violation(where string, root *openapi3.Schema, err *openapi3.SchemaError) {
	if where == "" {
		where = pointer(root, err.JSONPointer())
	}
	s, keyword := err.Schema, err.SchemaField
	if keyword == "enum" && err.Value == nil && !s.Nullable {
		keyword = "nullable"
	}
	switch keyword {
	case "properties":
		object, _ := err.Value.(map[string]any)
		for _, name := range Sorted(object) {
			if s.Properties[name] == nil {
				c.add(strings.TrimPrefix(where, "body")+"/"+printable(name), undocumented)
			}
		}
	case "required":
		c.add(where, missing)
	case "readOnly":
		c.add(where, "is read-only and cannot be sent")
	case "nullable":
		c.add(where, "must not be null")
	case "type":
		c.add(where, "must be of type "+strings.Join(s.Type.Slice(), " or "))
	case "enum":
		values, _ := json.Marshal(s.Enum)
		c.add(where, "must be one of "+string(values))
	case "format":
		c.add(where, "must have the format "+s.Format)
	case "minLength":
		c.add(where, fmt.Sprintf("must have a length of at least %d", s.MinLength))
	case "maxLength":
		c.add(where, fmt.Sprintf("must have a length of at most %d", *s.MaxLength))
	case "minimum":
		c.add(where, fmt.Sprintf("must be at least %g", *s.Min))
	case "maximum":
		c.add(where, fmt.Sprintf("must be at most %g", *s.Max))
	case "anyOf":
		c.add(where, "must have one of the documented forms")
	default:
		c.add(where, "violates "+keyword)
	}
}

// pointer returns a JSON pointer. A segment that is a key of a map, such as the name of a
// resource, becomes "*".
func pointer(s *openapi3.Schema, segments []string) string {
	var path []string
	for _, segment := range segments {
		name, next := "*", (*openapi3.SchemaRef)(nil)
		switch {
		case s == nil:
		case s.Properties[segment] != nil:
			name, next = segment, s.Properties[segment]
		case s.Items != nil:
			name, next = segment, s.Items
		default:
			next = s.AdditionalProperties.Schema
		}
		path = append(path, "/"+name)
		if s = nil; next != nil {
			s = next.Value
		}
	}
	return cmp.Or(strings.Join(path, ""), "body")
}

var nameShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,30}$`)

// printable returns a name that is not in the document if it looks like one, or "*": a name
// can be a secret or an ID.
func printable(name string) string {
	if nameShape.MatchString(name) {
		return name
	}
	return "*"
}

// Decode decodes a single JSON value and keeps numbers as written.
func Decode(data []byte) (v any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err = decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}
