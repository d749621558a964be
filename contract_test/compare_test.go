package contract_test

import (
	"encoding/json"
	"errors"
	"reflect"
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

const lost = "the wrapper does not return this property: run make generate; if that does not help, add the property to openapi.yaml"

// compareResult fails the test for every value of a response that the wrapper does not
// return, and returns the number of values compared. Null and empty objects may be absent.
func compareResult(t *testing.T, path string, response, returned any) (compared int) {
	t.Helper()
	switch response := response.(type) {
	case nil:
		return 0
	case map[string]any:
		returnedMap, ok := returned.(map[string]any)
		if !ok && len(response) > 0 {
			t.Errorf("%s: %s", path, lost)
		}
		for _, name := range strict.Sorted(response) {
			if name == "deprecated" || name == "editable" || name == "is_selectable" {
				continue // of any type in openapi.yaml, so the public type leaves it out
			}
			compared += compareResult(t, path+"."+name, response[name], returnedMap[name])
		}
	case []any:
		returnedList, _ := returned.([]any)
		if len(returnedList) != len(response) {
			t.Errorf("%s: the response has %d items, the wrapper returns %d", path, len(response), len(returnedList))
			return compared
		}
		for i := range response {
			compared += compareResult(t, path+"["+strconv.Itoa(i)+"]", response[i], returnedList[i])
		}
	default:
		compared++
		if returned == nil {
			t.Errorf("%s: %s", path, lost)
		} else if !reflect.DeepEqual(response, returned) {
			t.Errorf("%s: the response has %v, the wrapper returns %v", path, response, returned)
		}
	}
	return compared
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
