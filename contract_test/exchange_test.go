// Package contract_test checks openapi.yaml against what is publicly known of the API, and
// the wrapper and the fake against openapi.yaml. README.md describes the tests, and what
// to do when one fails.
package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/internal/strict"
)

const baseURL = "https://api.cloudflare.com/client/v4"

// exchange is a request and its response, as stored in testdata.
type exchange struct {
	// Source is one of those that README.md lists; Note gives the details.
	Source string `json:"source"`
	Note   string `json:"note"`

	Request struct {
		Method string            `json:"method"`
		Path   string            `json:"path"`
		Query  map[string]string `json:"query,omitempty"`
		// Credential is one of credentials in fake_test.go.
		Credential string `json:"credential,omitempty"`
		// Existing is the number of tokens that exist, if that matters.
		Existing int             `json:"existing,omitempty"`
		Body     json.RawMessage `json:"body,omitempty"`
	} `json:"request"`
	// RequestRejected is set if the API rejected the request. The validator's error must
	// contain it.
	RequestRejected string `json:"request_rejected,omitempty"`

	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body,omitempty"`
	} `json:"response"`

	// Strict is set only in drift: the validator's error for the response must contain
	// it. It goes with the result or the error message that the wrapper must return.
	Strict     string          `json:"strict,omitempty"`
	WantResult json.RawMessage `json:"want_result,omitempty"`
	WantError  string          `json:"want_error,omitempty"`

	unauthenticated bool // the request has no credential

	operation string // operationId, the name of the folder
	name      string // folder and file name
}

// load reads the files <operationId>/<status>_<case>.json in root.
func load(t testing.TB, root string) []*exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("found no exchanges in %s", root)
	}
	var all []*exchange
	for _, file := range files {
		e := &exchange{operation: filepath.Base(filepath.Dir(file))}
		e.name = e.operation + "/" + filepath.Base(file)
		readJSON(t, file, e)
		all = append(all, e)
	}
	return all
}

// readJSON reads a file, which must not have other properties than into.
func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func recordings(t testing.TB) []*exchange { return load(t, "testdata/recordings") }
func drift(t testing.TB) []*exchange      { return load(t, "testdata/drift") }

// body returns the body of the response. A body that is not JSON is stored as a JSON
// string.
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

// result returns the property "result" of the response, or nil.
func (e *exchange) result() any { return e.envelope()["result"] }

// envelope returns the body of the response, or nil if it is not an object.
func (e *exchange) envelope() map[string]any {
	body, _ := strict.Decode(e.Response.Body)
	envelope, _ := body.(map[string]any)
	return envelope
}

// failure describes the status and the errors of a response of the fake, which contain no
// secrets.
func (e *exchange) failure() string {
	return fmt.Sprintf("status %d with errors %s", e.Response.Status, jsonText(e.envelope()["errors"]))
}

// param returns the value of a path parameter, such as "token_id", or "".
func (e *exchange) param(name string) string {
	_, _, params, _ := document().Find(e.request())
	return params[name]
}

// mustDecode decodes JSON and keeps numbers as written.
func mustDecode(t testing.TB, data []byte) any {
	t.Helper()
	v, err := strict.Decode(data)
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return v
}

// sources are the values of Source, with whether the exchange has a response.
var sources = map[string]bool{"documentation": true, "observed": true, "live": true, "constructed": true, "configuration": false}

// TestExchanges checks that the name, source, note and headers of each file are correct.
func TestExchanges(t *testing.T) {
	t.Parallel()
	bySource, ops := map[string]int{}, document().Operations
	for _, e := range slices.Concat(recordings(t), drift(t), requests(t)) {
		bySource[e.Source]++
		answered, known := sources[e.Source]
		if !known {
			t.Errorf("%s: source is %q, want one of %q (see contract_test/README.md)", e.name, e.Source, strict.Sorted(sources))
		}
		if known && answered != (e.Response.Status != 0) {
			t.Errorf("%s: source is %q and the status of the response is %d: only a request in testdata/requests has the source configuration, and no response", e.name, e.Source, e.Response.Status)
		}
		if len(e.Note) < 10 {
			t.Errorf("%s: note is %q: state in at least ten characters where the exchange comes from, and which values were changed or invented", e.name, e.Note)
		}
		if e.Response.Status == 0 {
			continue
		}
		if file := filepath.Base(e.name); !strings.HasPrefix(file, jsonText(e.Response.Status)+"_") {
			t.Errorf("%s: status is %d, want the file name to begin with it: rename the file", e.name, e.Response.Status)
		}
		var documented openapi3.Headers
		if response := ops[e.operation].Responses.Status(e.Response.Status); response != nil {
			documented = response.Value.Headers
		}
		for name := range e.Response.Headers {
			if name != "content-type" && (name == "cf-ray" || documented[http.CanonicalHeaderKey(name)] == nil) {
				t.Errorf("%s: delete the header %q: only content-type and the headers of the response in openapi.yaml are allowed, without cf-ray, which identifies the request", e.name, name)
			}
		}
	}
	for _, e := range recordings(t) {
		if e.Strict != "" || e.WantError != "" || e.WantResult != nil {
			t.Errorf("%s: delete strict, want_result and want_error, which are only for contract_test/testdata/drift", e.name)
		}
	}
	for _, source := range strict.Sorted(bySource) {
		t.Logf("%4d files of source %s", bySource[source], source)
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
