package cftokens_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestVerify_MessagesAreNotErrors checks a message with code 10000, which is
// "Authentication error" elsewhere.
func TestVerify_MessagesAreNotErrors(t *testing.T) {
	t.Parallel()
	const body = `{"result":{"id":"` + tokenID + `","status":"active"},"success":true,"errors":[{"code":1000,"message":"message"}],"messages":[{"code":10000,"message":"This API Token is valid and active","type":null}]}`
	got, err := newClient(t, respond(http.StatusOK, body)).Verify(t.Context())
	if err != nil {
		t.Fatalf("Verify() error = %v", err)
	}
	if diff := cmp.Diff(&cftokens.Verification{ID: tokenID, Status: cftokens.TokenStatusActive}, got); diff != "" {
		t.Errorf("Verify() (-want +got):\n%s", diff)
	}
}

// TestErrors_StatusAndBody checks that an undecodable 2xx response is a *DecodeError, and
// any other response an *APIError, whatever its body.
func TestErrors_StatusAndBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 204, 206, 300, 304, 400, 401, 404, 405, 418, 429, 500, 502, 503, 504, 525, 599, 999} {
		for name, body := range map[string]string{
			"HTML": "<!DOCTYPE html> <!--[if lt IE 7]><html></html>", "plain text": "upstream connect error", "empty": "",
			"not an envelope": `{"code":1001,"error":"method_not_allowed"}`, "number": "7", "nested": strings.Repeat("[", 100_000),
		} {
			for operation, call := range everyCall {
				err := call(t, newClient(t, respond(status, body)))
				call := fmt.Sprintf("%s, status %d, %s:", operation, status, name)
				var gotOperation, gotRayID string
				var gotStatus int
				if status <= 299 {
					e := asError[*cftokens.DecodeError](t, call, err)
					gotOperation, gotStatus, gotRayID = e.Operation, e.StatusCode, e.RayID
				} else {
					e := asError[*cftokens.APIError](t, call, err)
					gotOperation, gotStatus, gotRayID = e.Operation, e.StatusCode, e.RayID
					if !strings.HasPrefix(body, e.Excerpt) {
						t.Errorf("%s excerpt %.100q, want the start of the body", call, e.Excerpt)
					}
				}
				if gotOperation != operation {
					t.Errorf("%s error names the operation %s, want %s", call, gotOperation, operation)
				}
				if gotStatus != status || gotRayID != rayID {
					t.Errorf("%s error has status %d and Ray ID %s, want %d and %s", call, gotStatus, gotRayID, status, rayID)
				}
				if n := len(err.Error()); n > 2048 {
					t.Errorf("%s error has %d bytes, want at most 2048: %.100q", call, n, err)
				}
			}
		}
	}
}
