package cftokens_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

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
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 400 Bad Request: a (6003) at /p, see d: b (6111); c (1) [cf-ray " + rayID + "]",
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
			name: "codes that are not numbers", status: 400, body: `{"success":false,"errors":[{"code":"971","message":"a"},{"code":"x","message":"b"},{"code":1.5},{}]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{
				{Code: 971, Message: "a"}, {Message: "b"},
			}},
		},
		{
			name: "code that overflows", status: 400, body: `{"success":false,"errors":[{"code":99999999999999999999,"message":"a"}]}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Message: "a"}}},
		},
		{
			name: "errors that are not a list", status: 400, body: `{"success":false,"errors":{"code":7,"message":"a"}}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 7, Message: "a"}}},
		},
		{
			name: "errors of odd types", status: 400, body: `{"success":false,"errors":[null,7,[1]],"messages":null}`,
			want: cftokens.APIError{},
		},
		{
			name: "no errors", status: 500, body: `{"success":false,"errors":[],"result":{"value":"` + tokenValue + `"}}`,
			want: cftokens.APIError{},
		},
		{
			name: "JSON that is not an envelope", status: 405, body: `{"code":1001,"error":"method_not_allowed"}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1001, Message: "method_not_allowed"}}},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + `: HTTP 405 Method Not Allowed: method_not_allowed (1001) [cf-ray ` + rayID + "]",
		},
		{
			name: "error of Cloudflare's edge", status: 429,
			body: `{"type":"https://developers.cloudflare.com/1015/","title":"Error 1015: You are being rate limited","status":429,"detail":"Too many requests.","instance":"8f1e2d3c4b5a6978","error_code":1015,"ray_id":"8f1e2d3c4b5a6978","retryable":true,"retry_after":29.5}`,
			want: cftokens.APIError{RetryAfter: 30 * time.Second, Errors: []cftokens.ErrorDetail{{
				Code: 1015, Message: "Error 1015: You are being rate limited: Too many requests.", DocumentationURL: "https://developers.cloudflare.com/1015/",
			}}},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 429 Too Many Requests: Error 1015: You are being rate limited: Too many requests. (1015), see https://developers.cloudflare.com/1015/ (retry after 30s) [cf-ray " + rayID + "]",
		},
		{
			name: "Retry-After header and member", status: 503, header: []string{"Retry-After", "7"}, body: `{"title":"Service unavailable","error_code":"x","retry_after":9}`,
			want: cftokens.APIError{RetryAfter: 7 * time.Second, Errors: []cftokens.ErrorDetail{{Message: "Service unavailable"}}},
		},
		{
			name: "problem of another server", status: 403, body: `{"type":"about:blank","detail":"no","retry_after":"x"}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Message: "no"}}},
		},
		{name: "empty error", status: 403, body: `{"error":[]}`, want: cftokens.APIError{}},
		{name: "null error and message", status: 403, body: `{"error":null,"message":null}`, want: cftokens.APIError{}},
		{
			name: "error of a gateway", status: 403, body: `{"error":{"code":7,"message":"no"}}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 7, Message: "no"}}},
		},
		{
			name: "code and message", status: 403, body: `{"code":"7","message":"no"}`,
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 7, Message: "no"}}},
		},
		{
			name: "permission groups", status: 403, body: apiError("9109", "Unauthorized"),
			want: cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 9109, Message: "Unauthorized"}}},
			text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + `: HTTP 403 Forbidden: Unauthorized (9109); the token needs the permission group "API Tokens Write" or "API Tokens Read" [cf-ray ` + rayID + "]",
		},
		{
			name: "HTML", status: 502, body: htmlPage,
			want: cftokens.APIError{Excerpt: "502 Bad Gateway 502 Bad Gateway"},
		},
		{
			name: "HTML with a DTD, CSS, and a secret between tags", status: 403,
			body: `<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN"><head><style>p { color: "red" }</style><title>No</title></head><p>Token <b>` + credential + `</b> &lt;denied&gt;</p>`,
			want: cftokens.APIError{Excerpt: "No Token [redacted] <denied>"},
		},
		{name: "plain text", status: 504, body: "upstream request timeout", want: cftokens.APIError{Excerpt: "upstream request timeout"}},
		{name: "empty", status: 503, body: "", want: cftokens.APIError{}},
		{name: "unknown status", status: 599, body: "", want: cftokens.APIError{}, text: "cftokens: getToken: GET /client/v4/user/tokens/" + tokenID + ": HTTP 599 [cf-ray " + rayID + "]"},
		{name: "redirect without a Location", status: 304, body: "", want: cftokens.APIError{}},
		{name: "control characters and invalid UTF-8", status: 500, body: "\x00a\x1b[31m\xffb\u202e", want: cftokens.APIError{Excerpt: "a [31m b"}},
		{name: "long text", status: 500, body: strings.Repeat("ä", 1000), want: cftokens.APIError{Excerpt: strings.Repeat("ä", 256)}},
		{name: "longer than the limit", status: 500, body: `{"success":false,"errors":[{"code":1,"message":"` + strings.Repeat("a", 64<<10) + `"}]}`, want: cftokens.APIError{}},
		{
			name: "credential in an error", status: 400, body: apiError("1", "bad header Bearer "+credential),
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
		{name: "Retry-After that overflows", status: 429, header: []string{"Retry-After", "18446744073709551615"}, want: cftokens.APIError{RetryAfter: 1<<63 - 1}},
		{name: "negative Retry-After", status: 429, header: []string{"Retry-After", "-1"}, want: cftokens.APIError{}},
		{name: "Retry-After in the past", status: 429, header: []string{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}, want: cftokens.APIError{}},
		{name: "malformed Retry-After", status: 429, header: []string{"Retry-After", "soon"}, want: cftokens.APIError{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, respond(tt.status, tt.body, tt.header...)).Get(t.Context(), tokenID)
			got := asError[*cftokens.APIError](t, "Get()", err)
			want := tt.want
			want.Operation, want.Method, want.Path = "getToken", "GET", "/client/v4/user/tokens/"+tokenID
			want.StatusCode, want.RayID, want.Attempts = tt.status, rayID, 1
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("Get() error (-want +got):\n%s", diff)
			}
			if tt.text != "" && err.Error() != tt.text {
				t.Errorf("Get() error = %v, want %s", err, tt.text)
			}
		})
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
				t.Errorf("APIError with status %d: matches %s: %v, want %v", status, name, got, !got)
			}
		}
	}
}

func TestAPIError_HasCode(t *testing.T) {
	t.Parallel()
	err := &cftokens.APIError{Errors: []cftokens.ErrorDetail{{Code: 1, Chain: []cftokens.ErrorDetail{{Code: 2, Chain: []cftokens.ErrorDetail{{Code: 3}}}}}}, Messages: []cftokens.ErrorDetail{{Code: 4}}}
	for code, want := range map[int]bool{1: true, 2: true, 3: true, 4: false, 0: false} {
		if got := err.HasCode(code); got != want {
			t.Errorf("HasCode(%d) = %v, want %v", code, got, want)
		}
	}
}
