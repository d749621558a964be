package contract_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/internal/strict"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// compareRequest compares the request that the wrapper sent with the recorded one.
func compareRequest(t *testing.T, e *exchange, r replayed) {
	t.Helper()
	want := e.request()
	if r.sent.Method != want.Method || r.sent.URL.String() != want.URL.String() && !cmp.Equal(r.sent.URL.Query(), want.URL.Query()) || r.sent.URL.Path != want.URL.Path {
		t.Errorf("%s: sent %s %s, want %s %s", e.name, r.sent.Method, r.sent.URL, want.Method, want.URL)
	}
	if e.Request.Body == nil && r.body == nil {
		return
	}
	if diff := cmp.Diff(mustDecode(t, e.Request.Body), mustDecode(t, r.body)); diff != "" {
		t.Errorf("%s: request body (-recorded +sent):\n%s", e.name, diff)
	}
}

// compareReturned compares what the wrapper returned with the recorded response.
func compareReturned(t *testing.T, e *exchange, r replayed) {
	t.Helper()
	switch {
	case e.Response.Status > 299:
		compareError(t, e, r.err)
	case r.err != nil:
		t.Errorf("%s: error = %v", e.name, r.err)
	case userOperation(e.operation) == "deleteToken": // returns only an error
	case e.envelope() == nil:
		t.Errorf("%s: the body is not an object: move the file to contract_test/testdata/drift", e.name)
	default:
		checkResult(t, e, e.result(), encode(t, r.result))
		checkResult(t, e, e.envelope()["result_info"], encode(t, r.info))
	}
}

// encode returns a result of the wrapper as decoded JSON, with secrets revealed.
func encode(t testing.TB, v any) any {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return nil
	case secret.Value:
		return v.Reveal()
	case *cftokens.CreatedToken:
		shown := *v
		shown.Value = secret.Value{}
		encoded := mustDecode(t, []byte(jsonText(shown))).(map[string]any)
		encoded["value"] = v.Value.Reveal()
		return encoded
	}
	return mustDecode(t, []byte(jsonText(v)))
}

// lost returns the places in want whose value is not in got. Null, and empty objects and
// lists, may be absent. If ordered is false, lists may be in another order and longer.
func lost(place string, want, got any, ordered bool) (places []string) {
	switch want := want.(type) {
	case nil:
	case map[string]any:
		object, _ := got.(map[string]any)
		for _, name := range strict.Sorted(want) {
			places = append(places, lost(place+"."+name, want[name], object[name], ordered)...)
		}
	case []any:
		list, ok := got.([]any)
		if !ok && len(want) > 0 || ordered && len(list) != len(want) {
			return []string{place}
		}
		for i, item := range want {
			at := place + "[" + strconv.Itoa(i) + "]"
			if ordered {
				places = append(places, lost(at, item, list[i], ordered)...)
			} else if !slices.ContainsFunc(list, func(other any) bool { return len(lost(at, item, other, ordered)) == 0 }) {
				places = append(places, at)
			}
		}
	default:
		if !reflect.DeepEqual(want, got) {
			return []string{place}
		}
	}
	return places
}

// leftOut are of any type in openapi.yaml, so the public type leaves them out.
var leftOut = regexp.MustCompile(`\.(deprecated|editable|is_selectable)$`)

// checkResult fails the test if the wrapper does not return all values of a response.
func checkResult(t *testing.T, e *exchange, response, returned any) {
	t.Helper()
	if places := slices.DeleteFunc(lost("", response, returned, true), leftOut.MatchString); len(places) > 0 {
		t.Errorf("%s: the wrapper does not return %q, or returns another value: run make generate; if that does not help, add the property to openapi.yaml", e.name, places)
	}
}

// compareError compares an error of the wrapper with the recorded envelope, which it
// decodes independently of the wrapper.
func compareError(t *testing.T, e *exchange, err error) {
	t.Helper()
	type detail struct {
		Code             int
		Message          string
		DocumentationURL string `json:"documentation_url"`
		Source           struct{ Pointer string }
		Chain            []detail `json:"error_chain"`
	}
	var envelope struct{ Errors, Messages []detail }
	if err := json.Unmarshal(e.Response.Body, &envelope); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	var details func([]detail) []cftokens.ErrorDetail
	details = func(from []detail) (to []cftokens.ErrorDetail) {
		for _, d := range from {
			to = append(to, cftokens.ErrorDetail{Code: d.Code, Message: d.Message, DocumentationURL: d.DocumentationURL, Pointer: d.Source.Pointer, Chain: details(d.Chain)})
		}
		return to
	}
	seconds, _ := strconv.Atoi(e.Response.Headers["retry-after"])
	want := &cftokens.APIError{
		Operation: e.operation, Method: e.Request.Method, Path: "/client/v4" + e.Request.Path, StatusCode: e.Response.Status, Attempts: 1,
		Errors: details(envelope.Errors), Messages: details(envelope.Messages), RetryAfter: time.Duration(seconds) * time.Second,
	}
	var got *cftokens.APIError
	if !errors.As(err, &got) {
		t.Errorf("%s: error = %v, want an *APIError", e.name, err)
		return
	}
	if e.envelope()["errors"] == nil {
		want.Errors = got.Errors // read from a body that is not an envelope
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: error (-recorded +got):\n%s", e.name, diff)
	}
}
