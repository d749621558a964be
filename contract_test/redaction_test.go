package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// kept lists the properties whose values are written unchanged. All other values are
// replaced by placeholders of the same format.
var kept = []string{
	"success", "code", "message", "documentation_url", "pointer", "type", "status", "effect",
	"page", "per_page", "count", "total_count", "total_pages",
	"scopes", "category", "label", "visibility", "editable", "deprecated", "provisioner_type",
}

// recorder turns exchanges into recordings without personal data.
type recorder struct {
	secrets      []string
	placeholders map[string]string // by original value, so that equal values, such as IDs, stay equal
}

// recording returns a copy of e with placeholders.
func (r *recorder) recording(e *exchange) (*exchange, error) {
	var out exchange
	out.Source, out.Note = "live", "recorded by make record; values of properties that the recorder does not keep are placeholders"
	out.operation = e.operation
	out.Request = e.Request
	out.Request.Path = r.path(e.operation, e.Request.Path)
	out.Request.Query = map[string]string{}
	for name, value := range e.Request.Query {
		if name == "name" {
			value = r.placeholder(value)
		}
		out.Request.Query[name] = value
	}
	var err error
	if out.Request.Body, err = r.redact(e.Request.Body); err != nil {
		return nil, err
	}
	out.Response.Status = e.Response.Status
	out.Response.Headers = map[string]string{}
	for _, name := range []string{"content-type", "retry-after", "ratelimit", "ratelimit-policy"} {
		if value, ok := e.Response.Headers[name]; ok {
			out.Response.Headers[name] = value
		}
	}
	if out.Response.Body, err = r.redact(e.Response.Body); err != nil {
		return nil, err
	}
	return &out, nil
}

// path replaces the IDs in the path of an operation with placeholders.
func (r *recorder) path(operation, path string) string {
	parts := strings.Split(path, "/")
	for i, part := range strings.Split(operationByID(operation).Path, "/") {
		if strings.HasPrefix(part, "{") {
			parts[i] = r.placeholder(parts[i])
		}
	}
	return strings.Join(parts, "/")
}

func (r *recorder) redact(body json.RawMessage) (json.RawMessage, error) {
	if len(body) == 0 {
		return nil, nil
	}
	value, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("a body that is not JSON cannot be recorded: %w", err)
	}
	redacted, err := json.Marshal(r.value("", value))
	return redacted, err
}

func (r *recorder) value(property string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, item := range value {
			if property == "resources" || strings.HasPrefix(property, "com.cloudflare.") {
				name = r.resource(name)
			}
			out[name] = r.value(name, item)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, item := range value {
			out[i] = r.value(property, item)
		}
		return out
	case string:
		if slices.Contains(kept, property) || value == "*" {
			return r.scrub(value)
		}
		return r.placeholder(value)
	case json.Number:
		if !slices.Contains(kept, property) {
			return json.Number("1")
		}
	}
	return value
}

// scrub replaces values that have a placeholder within a text that is kept.
func (r *recorder) scrub(text string) string {
	for _, original := range strict.Sorted(r.placeholders) {
		text = strings.ReplaceAll(text, original, r.placeholders[original])
	}
	return text
}

// resource keeps the type of a resource and replaces its ID.
func (r *recorder) resource(name string) string {
	dot := strings.LastIndex(name, ".")
	if id := name[dot+1:]; id != "*" && strings.ContainsAny(id, "0123456789") {
		return name[:dot+1] + r.placeholder(id)
	}
	return name
}

// placeholder returns a text of the same format: hexadecimal digits for an ID, a time for
// a time, a network for a network, and otherwise example text of the same length.
func (r *recorder) placeholder(original string) string {
	if p, ok := r.placeholders[original]; ok {
		return p
	}
	n := len(r.placeholders) + 1
	var p string
	switch {
	case isHex(original) && len(original) == 32:
		p = fmt.Sprintf("%032x", 0xe0000000+n)
	case strings.HasSuffix(original, "Z") && strings.Contains(original, "T") && strings.Count(original, ":") == 2:
		p = fmt.Sprintf("2025-01-01T%02d:%02d:00Z", n/60%24, n%60)
	case strings.Contains(original, "/") && strings.Contains(original, ":"):
		p = "2001:db8::/32"
	case strings.Contains(original, "/") && strings.Count(original, ".") == 3:
		p = "192.0.2.0/24"
	case strings.Count(original, ".") == 3:
		p = "192.0.2.1"
	case strings.Count(original, ":") > 1:
		p = "2001:db8::1"
	default:
		p = "example-" + strconv.Itoa(n) + "-" + strings.Repeat("-example", len(original)/8+1)
		p = p[:max(len(original), len("example-")+len(strconv.Itoa(n)))]
	}
	r.placeholders[original] = p
	return p
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// write writes a recording to a file, unless it contains a secret, verbatim or encoded.
func (r *recorder) write(root, name string, e *exchange) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	for _, secret := range r.secrets {
		for _, form := range []string{
			secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret),
		} {
			if bytes.Contains(text, []byte(form)) {
				return fmt.Errorf("%s/%s would contain a secret; not written", e.operation, name)
			}
		}
	}
	if liveCredential.Match(text) {
		return fmt.Errorf("%s/%s would contain what looks like a live credential; not written", e.operation, name)
	}
	folder := filepath.Join(root, e.operation)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644)
}
