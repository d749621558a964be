package cftokens_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestDecodeError(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, tt := range []struct {
		name, body string
		want       map[string]string // operation, or "" for all, to what the error says
	}{
		{name: "empty", body: "", want: map[string]string{"": "not valid JSON, at byte"}},
		{name: "HTML", body: "<html>" + leak + "</html>", want: map[string]string{"": "not valid JSON, at byte"}},
		{name: "plain text", body: leak, want: map[string]string{"": "not valid JSON, at byte"}},
		{name: "array", body: `["` + leak + `"]`, want: map[string]string{"": "unexpected JSON: array for envelope"}},
		{name: "not an envelope", body: `{"` + leak + `":1}`, want: map[string]string{"": `no "success" field`}},
		{name: "null", body: `null`, want: map[string]string{"": `no "success" field`}},
		{name: "success is not a boolean", body: `{"success":"` + leak + `"}`, want: map[string]string{"": "unexpected JSON"}},
		{name: "no result", body: `{"success":true,"errors":[],"messages":[]}`, want: map[string]string{"": "no result", "deleteToken": ""}},
		{name: "result is null", body: success(`null`), want: map[string]string{"": "no result", "deleteToken": ""}},
		{name: "result of another type", body: success(`7`), want: map[string]string{"": "unexpected JSON", "rollToken": "unexpected JSON"}},
		{name: "nested too deeply", body: success(deep), want: map[string]string{"": "not valid JSON"}},
		{name: "trailing data", body: success(`null`) + leak, want: map[string]string{"": "not valid JSON"}},
		{name: "result of another type, no success", body: `{"result":7}`, want: map[string]string{"": "unexpected JSON"}},
		{name: "result, no success", body: `{"result":{"id":"` + leak + `","status":"active"}}`, want: map[string]string{
			"": `no "success" field`, "listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON", "rollToken": "unexpected JSON",
		}},
		{name: "success is null", body: `{"success":null,"result":null}`, want: map[string]string{"": `no "success" field`}},
		{name: "no ID", body: success(`{"status":"active"}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "another token, or has no ID", "updateToken": "another token, or has no ID", "deleteToken": "",
		}},
		{name: "no status", body: success(`{"id":"` + leak + `"}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "another token, or has no ID", "updateToken": "another token, or has no ID", "deleteToken": "",
		}},
		{name: "empty string", body: success(`""`), want: map[string]string{"": "unexpected JSON", "rollToken": "rolled value is empty"}},
		{name: "empty results", body: success(`{}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "another token, or has no ID", "updateToken": "another token, or has no ID", "deleteToken": "",
		}},
	} {
		for operation, call := range everyCall {
			t.Run(tt.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				want, ok := tt.want[operation]
				if !ok {
					want = tt.want[""]
				}
				err := call(t, newClient(t, respond(http.StatusOK, tt.body)))
				if want == "" {
					if err != nil {
						t.Errorf("%s error = %v, want nil", operation, err)
					}
					return
				}
				got := asError[*cftokens.DecodeError](t, operation, err)
				if got.Operation != operation {
					t.Errorf("%s error names the operation %s, want %s", operation, got.Operation, operation)
				}
				if got.StatusCode != http.StatusOK || got.RayID != rayID {
					t.Errorf("%s error has status %d and Ray ID %s, want 200 and %s", operation, got.StatusCode, got.RayID, rayID)
				}
				if errors.Unwrap(got) == nil {
					t.Errorf("%s error = %v, want one that wraps its cause", operation, err)
				}
				checkError(t, operation, err, nil, want)
				checkNoLeak(t, operation, err, leak)
				checkUnknown(t, operation, err, changes(operation))
			})
		}
	}
}

func TestDecodeError_ContentType(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, respond(http.StatusOK, "<html>", "Content-Type", "text/html; charset=utf-8")).Get(t.Context(), tokenID)
	checkError(t, "Get()", err, nil, "decoding response: HTTP 200: body is text/html; charset=utf-8, not JSON")
}

// TestTruncatedBody truncates a response at every byte.
func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	body := success(`{"id":"` + tokenID + `","value":"` + tokenValue + `"}`)
	for n := range len(body) {
		for name, api := range map[string]*fakeTransport{
			"and a lost connection":  sequence(truncated(body[:n])),
			"of the declared length": respond(http.StatusOK, body[:n]),
		} {
			created, err := newClient(t, api).Create(t.Context(), tokenCreate())
			call := fmt.Sprintf("%d bytes %s: Create()", n, name)
			_ = asError[*cftokens.DecodeError](t, call, err)
			received := strings.Contains(body[:n], tokenValue+`"`)
			checkUnknown(t, call, err, !received)
			if received {
				checkCreated(t, call, created)
			}
			checkNoLeak(t, call, err, tokenValue[:8])
			if t.Failed() {
				return
			}
		}
	}
}

// endless is a body of 1 GiB.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read >= 1<<30 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestGet_EndlessBody(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		body := &endless{}
		api := &fakeTransport{handle: func(int, *http.Request) (*http.Response, error) {
			resp := response(status, "")
			resp.Body, resp.ContentLength = io.NopCloser(body), 1<<30
			return resp, nil
		}}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := newClient(t, api).Get(t.Context(), tokenID)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("status %d: Get() error = nil, want one", status)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
			t.Errorf("status %d: Get() allocated %d MiB, want at most 100", status, used)
		}
		if read := body.read >> 20; read > 40 {
			t.Errorf("status %d: Get() read %d MiB, want at most 40", status, read)
		}
		if status == http.StatusOK {
			_ = asError[*cftokens.DecodeError](t, "Get()", err)
			checkError(t, "Get()", err, nil, "longer than 16 MiB")
		}
	}
}

// TestFailure_Long checks that every call returns the error of a response without success
// whose body is longer than what is read of errors.
func TestFailure_Long(t *testing.T) {
	t.Parallel()
	body := apiError("1", "no") + strings.Repeat(" ", 64<<10)
	for operation, call := range everyCall {
		apiErr := asError[*cftokens.APIError](t, operation, call(t, newClient(t, respond(http.StatusOK, body))))
		if apiErr.StatusCode != http.StatusOK {
			t.Errorf("%s error has status %d, want 200", operation, apiErr.StatusCode)
		}
	}
}

// TestOtherToken checks that a response about another token is an error.
func TestOtherToken(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"another ID": copyID, "no ID": "", "upper case": strings.ToUpper(tokenID)} {
		api := respond(http.StatusOK, success(strings.Replace(tokenJSON, tokenID, id, 1)))
		client := newClient(t, api)
		_, getErr := client.Get(t.Context(), tokenID)
		_, updateErr := client.Update(t.Context(), tokenID, cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{policy()}})
		sent := len(api.requests)
		_, editErr := client.Edit(t.Context(), tokenID, keep)
		if name == "upper case" {
			if err := errors.Join(getErr, updateErr, editErr); err != nil {
				t.Errorf("%s: error = %v", name, err)
			}
			continue
		}
		for call, err := range map[string]error{"Get()": getErr, "Update()": updateErr, "Edit()": editErr} {
			_ = asError[*cftokens.DecodeError](t, name+": "+call, err)
			checkError(t, name+": "+call, err, nil, "another token, or has no ID")
		}
		if len(api.requests) != sent+1 {
			t.Errorf("%s: Edit() sent %d requests, want the GET alone", name, len(api.requests)-sent)
		}
	}
	if err := newClient(t, respond(http.StatusOK, success(`{"id":"`+copyID+`"}`))).Delete(t.Context(), tokenID); err != nil {
		t.Errorf("Delete() error = %v", err)
	}
}
