package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
)

// neverRejected lists what the document does not allow but the fake accepts, by the end of
// its description, with the reason.
var neverRejected = map[string]string{
	": unknown property":                    "whether the API rejects unknown properties is not known",
	".expires_on: null":                     "whether the API rejects null in a create is not known",
	".not_before: null":                     "whether the API rejects null in a create is not known",
	".permission_groups[0].name: read-only": "whether the API rejects or ignores the name is not known",
	".permission_groups[0].meta: read-only": "whether the API rejects or ignores the attributes is not known",
	"?scope=unknown":                        "other scopes are possible, and a filter without matches returns an empty list (observed)",

	"updateToken with request.policies[0].id: read-only":        "programs send the IDs that they got (reported)",
	"updateAccountToken with request.policies[0].id: read-only": "programs send the IDs that they got (reported)",
	"PermissionGroups with ?page=0":                             ignoredPaging,
	"PermissionGroups with ?page=unknown":                       ignoredPaging,
	"PermissionGroups with ?per_page=0":                         ignoredPaging,
	"PermissionGroups with ?per_page=unknown":                   ignoredPaging,
}

// TestFake_Rejects checks that the fake rejects bodies with one error each, and values of
// query parameters that the document does not allow.
func TestFake_Rejects(t *testing.T) {
	t.Parallel()
	f := newFake(t, strict(t))
	used, sent := map[string]bool{}, 0
	for _, op := range gen.Operations {
		var tokenID string
		if strings.Contains(op.Path, "{token_id}") {
			tokenID, _ = f.create(familyOf(op))
		}
		reject := func(what string, r request) {
			sent++
			r.tokenID, r.invalid = tokenID, true
			e := f.call(op, r)
			if e.Response.Status == http.StatusBadRequest {
				return
			}
			what = op.ID + " with " + what
			for end := range neverRejected {
				if strings.HasSuffix(what, end) {
					used[end] = true
					return
				}
			}
			t.Errorf("%s on the fake: %s, want status 400, because openapi.yaml does not allow it: make %s reject it, or add it to neverRejected in contract_test/fake_reject_test.go with the reason",
				what, e.failure(), f.handler(op))
		}
		documented := operations(f.doc)[op.ID]
		if documented.RequestBody != nil {
			schema := jsonSchema(documented.RequestBody.Value.Content)
			for what, body := range mutations(t, "request", json.RawMessage(jsonText(f.bodies(op)[0].value)), schema) {
				reject(what, request{body: body})
			}
		}
		for _, ref := range documented.Parameters {
			for _, value := range notAllowed(ref.Value) {
				reject(fmt.Sprintf("?%s=%s", ref.Value.Name, value), request{query: map[string]string{ref.Value.Name: value}})
			}
		}
	}
	for _, end := range sorted(neverRejected) {
		if !used[end] {
			t.Errorf("neverRejected in contract_test/fake_reject_test.go lists %q, which the fake rejects: delete it", end)
		}
	}
	t.Logf("%d requests sent that openapi.yaml does not allow", sent)
}

// notAllowed returns values that the document does not allow for a query parameter.
func notAllowed(p *openapi3.Parameter) (values []string) {
	s := p.Schema.Value
	if p.In != "query" {
		return nil
	}
	if len(s.Enum) > 0 || !s.Type.Is("string") {
		values = append(values, "unknown")
	}
	if s.Min != nil {
		values = append(values, fmt.Sprint(*s.Min-1))
	}
	if s.Max != nil {
		values = append(values, fmt.Sprint(*s.Max+1))
	}
	return values
}
