package contract_test

import (
	"strings"
	"testing"
)

// TestDrift: what the API was seen to do, or may do, against the document is
// refused by the strict reading for the stated reason, and still read.
func TestDrift(t *testing.T) {
	t.Parallel()
	v := strict(t)
	for _, e := range drift(t) {
		requestErr, responseErr := v.check(e.request(), e.response())
		switch {
		case requestErr != nil:
			t.Errorf("%s: openapi.yaml rejects the request too; only the response may contradict it: %v", e.name, requestErr)
		case responseErr == nil:
			t.Errorf("%s: the document allows this now; move the file to testdata/recordings, without strict and want", e.name)
		case e.Strict == "" || !strings.Contains(responseErr.Error(), e.Strict):
			t.Errorf("%s: strict is %q, but openapi.yaml rejects the response because: %v", e.name, e.Strict, responseErr)
		}
		r := replay(t, e)
		if e.WantError != "" {
			if r.err == nil || r.err.Error() != e.WantError {
				t.Errorf("%s: got error %v\nwant %s", e.name, r.err, e.WantError)
			}
			continue
		}
		if r.err != nil || e.WantResult == nil {
			t.Errorf("%s: the wrapper returns the error %v and want_result is %s: set want_result to what it should return, or want_error to the text", e.name, r.err, e.WantResult)
			continue
		}
		if compareResult(t, e.name+": result", object(t, e.WantResult), encode(t, r.result)) == 0 {
			t.Errorf("%s: nothing was compared", e.name)
		}
	}
}
