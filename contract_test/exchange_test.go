// Package contract_test holds openapi.yaml against recorded answers of the API, and
// the library and its fake against openapi.yaml. README.md tells what each test is
// for, and what to do when one fails.
package contract_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const baseURL = "https://api.cloudflare.com/client/v4"

// exchange is a request and its answer, as a file of testdata has it.
type exchange struct {
	// Source is "documentation", "observed", "live" or "constructed"; Note says where
	// it comes from.
	Source string `json:"source"`
	Note   string `json:"note"`

	Request struct {
		Method string            `json:"method"`
		Path   string            `json:"path"`
		Query  map[string]string `json:"query,omitempty"`
		Body   json.RawMessage   `json:"body,omitempty"`
	} `json:"request"`
	// RequestRefused is set where the API refused the request: what the document says
	// against it.
	RequestRefused string `json:"request_refused,omitempty"`

	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body,omitempty"`
	} `json:"response"`

	// Strict is for drift alone: what the document says against the answer, followed
	// by what the wrapper makes of it, a result or the text of an error.
	Strict     string          `json:"strict,omitempty"`
	WantResult json.RawMessage `json:"want_result,omitempty"`
	WantError  string          `json:"want_error,omitempty"`

	unauthenticated bool // the request has no credential

	operation string // the folder: an operationId
	name      string // the folder and the file
}

// load reads testdata/<kind>/<operationId>/<status>_<case>.json.
func load(t testing.TB, root string) []*exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no exchanges in %s", root)
	}
	var all []*exchange
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		e := &exchange{operation: filepath.Base(filepath.Dir(file))}
		e.name = e.operation + "/" + filepath.Base(file)
		if err := decoder.Decode(e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, e)
	}
	return all
}

func recordings(t testing.TB) []*exchange { return load(t, "testdata/recordings") }
func drift(t testing.TB) []*exchange      { return load(t, "testdata/drift") }

// body is what was sent: JSON as it stands, and a JSON string for what was no JSON.
func (e *exchange) body() []byte {
	var text string
	if !strings.HasPrefix(e.Response.Headers["content-type"], "application/json") && json.Unmarshal(e.Response.Body, &text) == nil {
		return []byte(text)
	}
	return e.Response.Body
}

func (e *exchange) request() *http.Request {
	query := url.Values{}
	for k, v := range e.Request.Query {
		query.Set(k, v)
	}
	u := baseURL + e.Request.Path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequest(e.Request.Method, u, bytes.NewReader(e.Request.Body))
	if err != nil {
		panic(err)
	}
	if e.Request.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !e.unauthenticated {
		req.Header.Set("Authorization", "Bearer example")
	}
	return req
}

func (e *exchange) response() *http.Response {
	header := http.Header{}
	for k, v := range e.Response.Headers {
		header.Set(k, v)
	}
	return &http.Response{StatusCode: e.Response.Status, Header: header, Body: io.NopCloser(bytes.NewReader(e.body()))}
}

// param returns the segment of the path that a parameter of the operation's path
// template stands for, or "".
func (e *exchange) param(name string) string {
	segments := strings.Split(e.Request.Path, "/")
	i := slices.Index(strings.Split(operationByID(e.operation).Path, "/"), name)
	if i < 0 || i >= len(segments) {
		return ""
	}
	return segments[i]
}

// object decodes JSON with numbers as they are written.
func object(t testing.TB, data []byte) any {
	t.Helper()
	v, err := decode(data)
	if err != nil {
		t.Fatalf("no JSON: %v", err)
	}
	return v
}

func decode(data []byte) (v any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err = decoder.Decode(&v)
	return v, err
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// TestExchangesAreSound: names, sources and notes tell the truth about what is in a
// file.
func TestExchangesAreSound(t *testing.T) {
	t.Parallel()
	bySource := map[string]int{}
	for _, e := range append(recordings(t), drift(t)...) {
		bySource[e.Source]++
		switch e.Source {
		case "documentation", "observed", "live", "constructed":
		default:
			t.Errorf("%s: source is %q, want documentation, observed, live or constructed (README.md says which)", e.name, e.Source)
		}
		if len(e.Note) < 10 {
			t.Errorf("%s: the note is %q: say in at least ten characters where the exchange comes from, and which of its values were changed or invented", e.name, e.Note)
		}
		if file := filepath.Base(e.name); !strings.HasPrefix(file, jsonText(e.Response.Status)+"_") {
			t.Errorf("%s: the status is %d, and the name of the file does not begin with it: rename the file", e.name, e.Response.Status)
		}
		for name := range e.Response.Headers {
			if !slices.Contains([]string{"content-type", "retry-after", "ratelimit", "ratelimit-policy"}, name) {
				t.Errorf("%s: delete the header %q: only content-type, retry-after, ratelimit and ratelimit-policy are recorded", e.name, name)
			}
		}
	}
	for _, e := range recordings(t) {
		if e.Strict != "" || e.WantError != "" || e.WantResult != nil {
			t.Errorf("%s: delete strict, want_result and want_error, which are for testdata/drift", e.name)
		}
	}
	for _, source := range sorted(bySource) {
		t.Logf("%4d exchanges of source %s", bySource[source], source)
	}
	if n := len(recordings(t)); n < 60 {
		t.Errorf("found %d recordings, want 60 or more", n)
	}
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
