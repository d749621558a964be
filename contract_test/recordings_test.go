package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRecordings checks that the document allows every recording. If it does not, either
// the document is wrong, or the recording belongs in testdata/drift.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, problem := range strict(t).problems(recordings(t)) {
		t.Error(problem)
	}
}

// problems describes where the exchanges differ from the document.
func (v *validator) problems(exchanges []*exchange) (problems []string) {
	for _, e := range exchanges {
		req := e.request()
		if route, _, err := v.router.FindRoute(req); err != nil || route.Operation.OperationID != e.operation {
			problems = append(problems, fmt.Sprintf("openapi.yaml: %s is not a request of %s: %v", e.name, e.operation, err))
			continue
		}
		requestErr, responseErr := v.check(req, e.response())
		switch {
		case e.RequestRejected == "" && requestErr != nil:
			problems = append(problems, fmt.Sprintf("openapi.yaml rejects %s: %v", e.name, requestErr))
		case e.RequestRejected != "" && (requestErr == nil || !strings.Contains(requestErr.Error(), e.RequestRejected)):
			problems = append(problems, fmt.Sprintf("openapi.yaml: request of %s: error = %v, want one that contains %q, because the API rejected the request", e.name, requestErr, e.RequestRejected))
		}
		if responseErr != nil {
			problems = append(problems, fmt.Sprintf("openapi.yaml rejects %s: %v", e.name, responseErr))
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
	_ = json.Unmarshal(e.Response.Body, &body) // if there is no result_info, there is nothing to compare
	for _, ref := range operations(v.doc)[e.operation].Parameters {
		p := ref.Value
		used, ok := body.Info[p.Name]
		if _, sent := e.Request.Query[p.Name]; sent || !ok || p.Schema.Value.Default == nil {
			continue
		}
		if fmt.Sprint(used) != fmt.Sprint(p.Schema.Value.Default) {
			problems = append(problems, fmt.Sprintf("openapi.yaml: %s: the default of %s is %v, but the response used %v", e.name, p.Name, p.Schema.Value.Default, used))
		}
	}
	return problems
}
