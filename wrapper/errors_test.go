package cftokens_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// unknownForm stands for an entry of errors that is not quoted.
const unknownForm = "(an entry in an unknown form)"

const rayID = "8f1e2d3c4b5a6978-FRA"

func TestAPIError(t *testing.T) {
	t.Parallel()
	htmlPage := "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
	for _, tt := range []struct {
		name   string
		status int
		body   string
		header []string
		want   cftokens.APIError
		text   string
	}{
		{
			name: "envelope", status: 404, body: apiError("1003", "Token not found"),
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1003, Message: "Token not found"}}},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 404 Not Found: Token not found (1003) [cf-ray " + rayID + "]",
		},
		{
			name: "every documented property, and a chain", status: 400,
			body: `{"success":false,"errors":[{"code":6003,"message":"a","documentation_url":"d","source":{"pointer":"/p"},"error_chain":[{"code":6111,"message":"b"}]},{"code":1,"message":"c"}],"messages":[{"code":5,"message":"m","type":null}],"result":null}`,
			want: cftokens.APIError{
				Errors: []cftokens.ErrorDetail{
					{Code: 6003, Message: "a", DocumentationURL: "d", Pointer: "/p", Chain: []cftokens.ErrorDetail{{Code: 6111, Message: "b"}}},
					{Code: 1, Message: "c"},
				},
				Messages: []cftokens.ErrorDetail{{Code: 5, Message: "m"}},
			},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 400 Bad Request: a (6003) at /p: b (6111); c (1) [cf-ray " + rayID + "]",
		},
		{
			name: "messages and result missing", status: 400, body: `{"success":false,"errors":[{"code":9106,"message":"Missing headers"}]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 9106, Message: "Missing headers"}}},
		},
		{
			name: "bare strings", status: 403, body: `{"success":false,"errors":["no"],"messages":["note"]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Message: "no"}}, Messages: []cftokens.ErrorDetail{{Message: "note"}}},
		},
		{
			name: "error without a code", status: 403, body: `{"success":false,"errors":[{"message":"request is not authorized"}]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Message: "request is not authorized"}}},
		},
		{
			name: "codes as strings, and no number at all", status: 400, body: `{"success":false,"errors":[{"code":"971","message":"a"},{"code":"x","message":"b"},{"code":1.5},{}]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{
				{Code: 971, Message: "a"}, {Message: "b"}, {Message: unknownForm}, {Message: unknownForm},
			}},
		},
		{
			name: "errors that are no list", status: 400, body: `{"success":false,"errors":{"code":7,"message":"a"}}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 7, Message: "a"}}},
		},
		{
			name: "errors of odd types", status: 400, body: `{"success":false,"errors":[null,7,[1]],"messages":null}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Message: ""}, {Message: unknownForm}, {Message: unknownForm}}},
		},
		{
			name: "no errors", status: 500, body: `{"success":false,"errors":[],"result":{"value":"` + tokenValue + `"}}`,
			want: cftokens.APIError{},
		},
		{
			name: "JSON that is no envelope", status: 405, body: `{"code":1001,"error":"method_not_allowed"}`,
			want: cftokens.APIError{},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + `: HTTP 405 Method Not Allowed [cf-ray ` + rayID + "]",
		},
		{
			name: "HTML", status: 502, body: htmlPage,
			want: cftokens.APIError{Excerpt: "<html> <head><title>502 Bad Gateway</title></head> <body> <center><h1>502 Bad Gateway</h1></center> </body> </html>"},
		},
		{name: "plain text", status: 504, body: "upstream request timeout", want: cftokens.APIError{Excerpt: "upstream request timeout"}},
		{name: "empty", status: 503, body: "", want: cftokens.APIError{}},
		{name: "unknown status", status: 599, body: "", want: cftokens.APIError{}, text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 599 [cf-ray " + rayID + "]"},
		{name: "redirect that leads nowhere", status: 304, body: "", want: cftokens.APIError{}},
		{name: "control characters and invalid UTF-8", status: 500, body: "\x00a\x1b[31m\xffb\u202e", want: cftokens.APIError{Excerpt: "a [31m b"}},
		{name: "long text", status: 500, body: strings.Repeat("ä", 1000), want: cftokens.APIError{Excerpt: strings.Repeat("ä", 256)}},
		{name: "longer than the bound", status: 500, body: `{"success":false,"errors":[{"code":1,"message":"` + strings.Repeat("a", 64<<10) + `"}]}`, want: cftokens.APIError{}},
		{
			name: "credential in the answer", status: 400, body: apiError("1", "bad header Bearer "+credential),
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1, Message: "bad header Bearer [redacted]"}}},
		},
		{name: "credential in a page", status: 500, body: "Authorization: Bearer " + credential, want: cftokens.APIError{Excerpt: "Authorization: Bearer [redacted]"}},
		{
			name: "failure under 200", status: 200, body: apiError("1000", "not found"),
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1000, Message: "not found"}}},
		},
		{
			name: "failure under 200 with a result of another type", status: 200, body: `{"success":false,"errors":[{"code":1,"message":"a"}],"result":"x"}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1, Message: "a"}}},
		},
		{
			name: "success under 400", status: 400, body: success(tokenJSON), want: cftokens.APIError{},
		},
		{name: "duplicate keys", status: 200, body: `{"success":true,"success":false,"errors":[{"code":1,"message":"a"}]}`, want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1, Message: "a"}}}},
		{name: "Retry-After", status: 429, header: []string{"Retry-After", "30"}, want: cftokens.APIError{RetryAfter: 30 * time.Second}},
		{name: "Retry-After of a year", status: 429, header: []string{"Retry-After", "31536000"}, want: cftokens.APIError{RetryAfter: 365 * 24 * time.Hour}},
		{name: "Retry-After beyond all bounds", status: 429, header: []string{"Retry-After", "18446744073709551615"}, want: cftokens.APIError{RetryAfter: 1<<63 - 1}},
		{name: "negative Retry-After", status: 429, header: []string{"Retry-After", "-1"}, want: cftokens.APIError{}},
		{name: "Retry-After in the past", status: 429, header: []string{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}, want: cftokens.APIError{}},
		{name: "garbage for Retry-After", status: 429, header: []string{"Retry-After", "soon"}, want: cftokens.APIError{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, respond(tt.status, tt.body, tt.header...)).Get(t.Context(), tokenID)
			var got *cftokens.APIError
			if !errors.As(err, &got) {
				t.Fatalf("got %T %v, want an *APIError", err, err)
			}
			want := tt.want
			want.Operation, want.Method, want.Path = "getToken", "GET", "/client/v4/user/tokens/"+tokenID
			want.StatusCode, want.RayID = tt.status, rayID
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if tt.text != "" && err.Error() != tt.text {
				t.Errorf("text %q, want %q", err, tt.text)
			}
		})
	}
}

func TestDecodeError(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, tt := range []struct {
		name, body string
		want       map[string]string // operation, or "" for all, to what the error says
	}{
		{name: "empty", body: "", want: map[string]string{"": "not valid JSON, at byte"}},
		{name: "HTML", body: "<html>hush</html>", want: map[string]string{"": "not valid JSON, at byte 1"}},
		{name: "plain text", body: "hush", want: map[string]string{"": "not valid JSON, at byte 1"}},
		{name: "no object", body: `["hush"]`, want: map[string]string{"": "unexpected JSON: array"}},
		{name: "no envelope", body: `{"hush":1}`, want: map[string]string{"": `no "success" field`}},
		{name: "null", body: `null`, want: map[string]string{"": `no "success" field`}},
		{name: "success is no boolean", body: `{"success":"hush"}`, want: map[string]string{"": "unexpected JSON"}},
		{name: "no result", body: `{"success":true,"errors":[],"messages":[]}`, want: map[string]string{"": "no result", "deleteToken": ""}},
		{name: "null for a result", body: success(`null`), want: map[string]string{"": "no result", "deleteToken": ""}},
		{name: "result of another type", body: success(`7`), want: map[string]string{"": "unexpected JSON", "rollToken": "unexpected JSON"}},
		{name: "nested too deep", body: success(deep), want: map[string]string{"": "not valid JSON"}},
		{name: "trailing data", body: success(`null`) + `hush`, want: map[string]string{"": "not valid JSON"}},
		{name: "result of another type, no success", body: `{"result":7}`, want: map[string]string{"": "unexpected JSON"}},
		{name: "result, no success", body: `{"result":{"id":"hush","status":"active"}}`, want: map[string]string{
			"": `no "success" field`, "listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON", "rollToken": "unexpected JSON",
		}},
		{name: "null for success", body: `{"success":null,"result":null}`, want: map[string]string{"": `no "success" field`}},
		{name: "no ID", body: success(`{"status":"active"}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "", "updateToken": "", "deleteToken": "",
		}},
		{name: "no status", body: success(`{"id":"hush"}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "", "updateToken": "", "deleteToken": "",
		}},
		{name: "empty string", body: success(`""`), want: map[string]string{"": "unexpected JSON", "rollToken": "rolled value is empty"}},
		{name: "empty results", body: success(`{}`), want: map[string]string{
			"verifyToken": "no ID or no status", "createToken": "no value", "rollToken": "unexpected JSON",
			"listTokens": "unexpected JSON", "listPermissionGroups": "unexpected JSON",
			"getToken": "", "updateToken": "", "deleteToken": "",
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
						t.Errorf("got %v, want success", err)
					}
					return
				}
				var got *cftokens.DecodeError
				if !errors.As(err, &got) {
					t.Fatalf("got %T %v, want a *DecodeError", err, err)
				}
				if got.Operation != operation || got.StatusCode != 200 || got.RayID != rayID || errors.Unwrap(got) == nil {
					t.Errorf("got %+v", got)
				}
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
					t.Errorf("text %q, want it to say %q and not to quote the body", err, want)
				}
				if unknown := changes(operation); errors.Is(err, cftokens.ErrOutcomeUnknown) != unknown {
					t.Errorf("matches ErrOutcomeUnknown: %v, want %v", !unknown, unknown)
				}
			})
		}
	}
}

// TestTruncatedBody cuts an answer at every byte.
func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	body := success(`{"id":"` + tokenID + `","value":"` + tokenValue + `"}`)
	for n := range len(body) {
		for name, api := range map[string]*fakeTransport{
			"by a lost connection": sequence(truncated(body[:n])),
			"with a right length":  respond(http.StatusOK, body[:n]),
		} {
			created, err := newClient(t, api).Create(t.Context(), tokenCreate())
			var decodeErr *cftokens.DecodeError
			if !errors.As(err, &decodeErr) {
				t.Fatalf("cut after %d bytes %s: Create() error = %v, want a *DecodeError", n, name, err)
			}
			arrived := strings.Contains(body[:n], tokenValue+`"`)
			if errors.Is(err, cftokens.ErrOutcomeUnknown) == arrived {
				t.Fatalf("cut after %d bytes %s: Create() error = %v, matches ErrOutcomeUnknown: want %v", n, name, err, !arrived)
			}
			if arrived && (created == nil || created.ID != tokenID || created.Value.Reveal() != tokenValue) {
				t.Fatalf("cut after %d bytes %s: Create() = %v, want the ID and the value", n, name, created)
			}
			if strings.Contains(err.Error(), tokenValue[:8]) {
				t.Fatalf("cut after %d bytes %s: the error shows the value: %v", n, name, err)
			}
		}
	}
}

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
			t.Errorf("status %d: no error", status)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 100<<20 || body.read > 40<<20 {
			t.Errorf("status %d: %d MiB were read and %d MiB allocated", status, body.read>>20, used>>20)
		}
		var decodeErr *cftokens.DecodeError
		if status == http.StatusOK && (!errors.As(err, &decodeErr) || !strings.Contains(err.Error(), "longer than 16 MiB")) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAPIError_Is(t *testing.T) {
	t.Parallel()
	sentinels := map[string]error{
		"ErrBadRequest": cftokens.ErrBadRequest, "ErrUnauthorized": cftokens.ErrUnauthorized, "ErrForbidden": cftokens.ErrForbidden,
		"ErrNotFound": cftokens.ErrNotFound, "ErrRateLimited": cftokens.ErrRateLimited, "ErrServer": cftokens.ErrServer,
		"ErrInvalidArgument": cftokens.ErrInvalidArgument,
	}
	for status, want := range map[int]string{
		200: "", 400: "ErrBadRequest", 401: "ErrUnauthorized", 403: "ErrForbidden", 404: "ErrNotFound", 405: "",
		429: "ErrRateLimited", 499: "", 500: "ErrServer", 503: "ErrServer", 599: "ErrServer",
	} {
		err := fmt.Errorf("wrapped: %w", &cftokens.APIError{StatusCode: status})
		for name, sentinel := range sentinels {
			if got := errors.Is(err, sentinel); got != (name == want) {
				t.Errorf("status %d: matches %s: %v", status, name, got)
			}
		}
	}
	err := &cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1, Chain: []cftokens.ErrorDetail{{Code: 2, Chain: []cftokens.ErrorDetail{{Code: 3}}}}}}, Messages: []cftokens.ErrorDetail{{Code: 4}}}
	for code, want := range map[int]bool{1: true, 2: true, 3: true, 4: false, 0: false} {
		if err.HasCode(code) != want {
			t.Errorf("HasCode(%d) is %v", code, !want)
		}
	}
}

// TestVerify_MessagesAreNotErrors: code 10000 is "Authentication error" elsewhere.
func TestVerify_MessagesAreNotErrors(t *testing.T) {
	t.Parallel()
	const body = `{"result":{"id":"` + tokenID + `","status":"active"},"success":true,"errors":[{"code":1000,"message":"message"}],"messages":[{"code":10000,"message":"This API Token is valid and active","type":null}]}`
	got, err := newClient(t, respond(http.StatusOK, body)).Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&cftokens.Verification{ID: tokenID, Status: cftokens.TokenStatusActive}, got); diff != "" {
		t.Errorf("verification (-want +got):\n%s", diff)
	}
}

// TestErrors_StatusAndBody: whatever the body, an answer that is not 2xx is an
// *APIError that keeps the status, and one that is 2xx a *DecodeError.
func TestErrors_StatusAndBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 204, 206, 300, 304, 400, 401, 404, 405, 418, 429, 500, 502, 503, 504, 525, 599, 999} {
		for name, body := range map[string]string{
			"HTML": "<!DOCTYPE html> <!--[if lt IE 7]><html></html>", "plain text": "upstream connect error", "empty": "",
			"no envelope": `{"code":1001,"error":"method_not_allowed"}`, "number": "7", "nested": strings.Repeat("[", 100_000),
		} {
			for operation, call := range everyCall {
				err := call(t, newClient(t, respond(status, body)))
				var apiErr *cftokens.APIError
				var decodeErr *cftokens.DecodeError
				switch {
				case status <= 299 && (!errors.As(err, &decodeErr) || decodeErr.StatusCode != status || decodeErr.RayID != rayID):
					t.Errorf("%s, status %d, %s: got %v, want a *DecodeError", operation, status, name, err)
				case status > 299 && (!errors.As(err, &apiErr) || apiErr.StatusCode != status || apiErr.RayID != rayID || apiErr.Operation != operation):
					t.Errorf("%s, status %d, %s: got %v, want an *APIError", operation, status, name, err)
				case apiErr != nil && !strings.HasPrefix(body, apiErr.Excerpt) || len(fmt.Sprint(err)) > 2048:
					t.Errorf("%s, status %d, %s: text %.100q", operation, status, name, err)
				}
			}
		}
	}
}
