package contract_test

import (
	"net/http"
	"strings"
	"testing"
)

// requests returns the requests in testdata/requests, whose responses are not known.
func requests(t testing.TB) []*exchange { return load(t, "testdata/requests") }

// TestRequests checks that the document allows each request, that the wrapper sends it
// unchanged, and that the fake creates the token and returns what was sent.
func TestRequests(t *testing.T) {
	t.Parallel()
	all := requests(t)
	for _, e := range all {
		if violations, _ := document().check(e); len(violations) > 0 {
			t.Errorf("openapi.yaml rejects %s: %s", e.name, strings.Join(violations, "; "))
		}
		compareRequest(t, e, replay(t, e))
		f := newFake(t, e)
		got := f.send(e, bearer(f.Token))
		if got.Response.Status != http.StatusOK {
			t.Errorf("%s on the fake: %s, want status 200, because this is sent: %s", e.name, got.failure(), e.Note)
			continue
		}
		f.checkReturned(e, got)
	}
	if len(all) < 25 {
		t.Errorf("found %d requests, want 25 or more", len(all))
	}
}
