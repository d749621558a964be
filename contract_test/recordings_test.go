package contract_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestRecordings checks that the document allows every recording. If it does not, either
// the document is wrong, or the recording belongs in testdata/drift.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, problem := range document().problems(recordings(t)...) {
		t.Error(problem)
	}
}

// problems describes where the exchanges differ from the document.
func (v *validator) problems(exchanges ...*exchange) (problems []string) {
	for _, e := range exchanges {
		if op, _, _, problem := v.Find(e.request()); op == nil || op.OperationID != e.operation {
			problems = append(problems, fmt.Sprintf("openapi.yaml: %s is not a request of %s: %s", e.name, e.operation, problem))
			continue
		}
		request, response := v.check(e)
		rejected := strings.Join(request, "; ")
		switch {
		case e.RequestRejected == "" && rejected != "":
			problems = append(problems, fmt.Sprintf("openapi.yaml rejects %s: %s", e.name, rejected))
		case e.RequestRejected != "" && !strings.Contains(rejected, e.RequestRejected):
			problems = append(problems, fmt.Sprintf("openapi.yaml: request of %s: violations = %q, want one that contains %q, because the API rejected the request", e.name, rejected, e.RequestRejected))
		}
		if len(response) > 0 {
			problems = append(problems, fmt.Sprintf("openapi.yaml rejects %s: %s", e.name, strings.Join(response, "; ")))
		}
		problems = append(problems, v.wrongDefaults(e)...)
	}
	return problems
}

// wrongDefaults compares the defaults of query parameters that were not sent with the
// result_info of the response.
func (v *validator) wrongDefaults(e *exchange) (problems []string) {
	parameters := v.Operations[e.operation].Parameters
	if len(parameters) == 0 {
		return nil
	}
	info, _ := e.envelope()["result_info"].(map[string]any)
	for _, ref := range parameters {
		p := ref.Value
		used, ok := info[p.Name]
		if _, sent := e.Request.Query[p.Name]; sent || !ok || p.Schema.Value.Default == nil {
			continue
		}
		if fmt.Sprint(used) != fmt.Sprint(p.Schema.Value.Default) {
			problems = append(problems, fmt.Sprintf("openapi.yaml: %s: the default of %s is %v, but the response used %v", e.name, p.Name, p.Schema.Value.Default, used))
		}
	}
	return problems
}
