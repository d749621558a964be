package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// kept lists the properties whose values are written unchanged. All other values are
// replaced by placeholders of the same format.
var kept = []string{
	"success", "code", "message", "documentation_url", "pointer", "type", "status", "effect",
	"page", "per_page", "count", "total_count", "total_pages",
	"scopes", "category", "label", "visibility", "editable", "deprecated", "provisioner_type",
}

var keptHeaders = []string{"content-type", "retry-after", "ratelimit", "ratelimit-policy"}

// recorder turns exchanges into recordings without personal data.
type recorder struct {
	secrets      []string
	placeholders map[string]string // by original value, so that equal values, such as IDs, stay equal
}

// recording returns a copy of e with placeholders.
func (r *recorder) recording(e *exchange) (*exchange, error) {
	out := &exchange{Source: "live", Note: "recorded by make record; values of properties that the recorder does not keep are placeholders", operation: e.operation}
	out.Request, out.Response = e.Request, e.Response
	for _, name := range []string{"account_id", "token_id"} {
		if id := e.param(name); id != "" {
			out.Request.Path = strings.Replace(out.Request.Path, id, r.placeholder(id), 1)
		}
	}
	out.Request.Query = maps.Clone(e.Request.Query)
	if name, ok := e.Request.Query["name"]; ok {
		out.Request.Query["name"] = r.placeholder(name)
	}
	out.Response.Headers = maps.Clone(e.Response.Headers)
	maps.DeleteFunc(out.Response.Headers, func(name, _ string) bool { return !slices.Contains(keptHeaders, name) })
	var requestErr, responseErr error
	out.Request.Body, requestErr = r.redact(e.Request.Body)
	out.Response.Body, responseErr = r.redact(e.Response.Body)
	return out, errors.Join(requestErr, responseErr)
}

func (r *recorder) redact(body json.RawMessage) (json.RawMessage, error) {
	if len(body) == 0 {
		return nil, nil
	}
	value, err := strict.Decode(body)
	if err != nil {
		return nil, fmt.Errorf("a body that is not JSON cannot be recorded: %w", err)
	}
	return json.Marshal(r.value("", value))
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

var idShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// placeholder returns a text of the same format: hexadecimal digits for an ID, a time for
// a time, a network for a network, and otherwise example text of the same length.
func (r *recorder) placeholder(original string) string {
	if p, ok := r.placeholders[original]; ok {
		return p
	}
	n := len(r.placeholders) + 1
	_, timeErr := time.Parse(time.RFC3339, original)
	_, networkErr := netip.ParsePrefix(original)
	_, addressErr := netip.ParseAddr(original)
	p := "example-" + strconv.Itoa(n)
	switch {
	case idShape.MatchString(original):
		p = fmt.Sprintf("%032x", int64(n)+0xe0000000)
	case timeErr == nil:
		p = fmt.Sprintf("2025-01-01T%02d:%02d:00Z", n/60%24, n%60)
	case networkErr == nil:
		p = "192.0.2.0/24"
	case addressErr == nil:
		p = "192.0.2.1"
	default:
		for len(p) < len(original) {
			p += "x"
		}
	}
	r.placeholders[original] = p
	return p
}

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
