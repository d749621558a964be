package contract_test

import (
	"strings"
	"testing"
)

// TestDrift checks that strict validation rejects each response in testdata/drift for the
// stated reason, and that the wrapper returns the stated result or error for it.
func TestDrift(t *testing.T) {
	t.Parallel()
	v := document()
	for _, e := range drift(t) {
		request, response := v.check(e)
		rejected := strings.Join(response, "; ")
		switch {
		case len(request) > 0:
			t.Errorf("%s: openapi.yaml rejects the request too; only the response may contradict it: %q", e.name, request)
		case rejected == "":
			t.Errorf("%s: openapi.yaml allows the response now: move the file to contract_test/testdata/recordings and delete strict, want_result and want_error", e.name)
		case e.Strict == "" || !strings.Contains(rejected, e.Strict):
			t.Errorf("%s: strict is %q, but openapi.yaml rejects the response because: %s", e.name, e.Strict, rejected)
		}
		r := replay(t, e)
		if e.WantError != "" {
			if r.err == nil || r.err.Error() != e.WantError {
				t.Errorf("%s: error = %v\nwant %s", e.name, r.err, e.WantError)
			}
			continue
		}
		if r.err != nil || e.WantResult == nil {
			t.Errorf("%s: error = %v, want_result is %s: set want_result to the expected result, or want_error to the expected message", e.name, r.err, e.WantResult)
			continue
		}
		checkResult(t, e, mustDecode(t, e.WantResult), encode(t, r.result))
	}
}
