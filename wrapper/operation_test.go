package cftokens_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestOperationFromContext checks that each request of a method has its operation in its
// context, and those of the generated client have none.
func TestOperationFromContext(t *testing.T) {
	t.Parallel()
	for operation, call := range everyCall {
		op := operationByID(operation)
		want := cftokens.Operation{ID: op.ID, Method: op.Method, Path: op.Path}
		api := &fakeTransport{handle: func(n int, req *http.Request) (*http.Response, error) {
			got, ok := cftokens.OperationFromContext(req.Context())
			if diff := cmp.Diff(want, got); diff != "" || !ok {
				t.Errorf("%s, attempt %d: OperationFromContext() = %v (-want +got):\n%s", operation, n, ok, diff)
			}
			return nil, errDial
		}}
		if err := call(t, newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))); err == nil {
			t.Errorf("%s error = nil, want one", operation)
		}
		api.checkRequests(t, operation, 2)
	}
	api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		if got, ok := cftokens.OperationFromContext(req.Context()); ok {
			t.Errorf("Generated(): OperationFromContext() = %v, want none", got)
		}
		return response(http.StatusOK, success("[]")), nil
	}}
	resp, err := newClient(t, api).Generated().ListTokens(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}
