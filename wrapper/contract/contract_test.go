package contract_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/internal/strict"
	"github.com/cftokens/cftokens-go/wrapper/contract"
)

const (
	leak    = "MUST-NOT-LEAK"
	id      = "ed17574386854bf78a67040be0a770b0"
	account = "eb78d65290b24279ba6f44721b3ea3c4"
	prefix  = "http://example.com/a/prefix"
	created = `{"name":"n","policies":[]}`
)

// exchange is a request and a response that the document allows, as changed by a test.
type exchange struct {
	method, url, request string
	header               http.Header // of the request
	status               int
	response             string
	responseHeader       http.Header
}

// examples returns an exchange for every operation, from the examples in the document.
func examples(t testing.TB) map[string]exchange {
	t.Helper()
	all, ops := map[string]exchange{}, strict.Default().Operations
	for _, op := range gen.Operations {
		e := exchange{
			method: op.Method, status: 200, header: http.Header{"Authorization": {"Bearer " + id}}, responseHeader: http.Header{"Content-Type": {"application/json"}},
			url: prefix + strings.NewReplacer("{account_id}", account, "{token_id}", id).Replace(op.Path),
		}
		if body := ops[op.ID].RequestBody; body != nil {
			e.header.Set("Content-Type", "application/json")
			e.request = text(t, body.Value.Content["application/json"].Example)
		}
		e.response = text(t, ops[op.ID].Responses.Status(200).Value.Content["application/json"].Example)
		all[op.ID] = e
	}
	return all
}

func text(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// messages returns the request and the response.
func (e exchange) messages() (*http.Request, *http.Response) {
	req := httptest.NewRequest(e.method, e.url, strings.NewReader(e.request))
	req.Header = e.header.Clone()
	return req, &http.Response{StatusCode: e.status, Header: e.responseHeader.Clone(), Body: io.NopCloser(strings.NewReader(e.response)), ContentLength: -1}
}

func (e exchange) check() []contract.Violation { return contract.Check(e.messages()) }

// jsonParts match every name and value in a JSON text.
var jsonParts = []*regexp.Regexp{regexp.MustCompile(`"[^"]*"|[0-9.]+|true|false|null`), regexp.MustCompile(`\{[^{}]*\}|\[[^][]*\]`)}

// changes returns copies of a JSON text, each with a secret instead of a name or a value.
func changes(body string) (changed []string) {
	for _, part := range jsonParts {
		for _, at := range part.FindAllStringIndex(body, -1) {
			for _, secret := range []string{`"` + leak + `"`, `"a/` + leak + `"`, `"` + strings.Repeat(leak, 20) + `"`, `["` + leak + `"]`, `{"` + leak + `":"` + leak + `"}`} {
				changed = append(changed, body[:at[0]]+secret+body[at[1]:])
			}
		}
	}
	return changed
}

// TestCheck_NoValues checks that no violation contains a value.
func TestCheck_NoValues(t *testing.T) {
	t.Parallel()
	checked, violations := 0, 0
	for _, valid := range examples(t) {
		if found := valid.check(); len(found) > 0 {
			t.Errorf("%s %s: Check() = %v, want none for the examples in the document", valid.method, valid.url, found)
		}
		try := func(change func(*exchange)) {
			e := valid
			e.header, e.responseHeader = valid.header.Clone(), valid.responseHeader.Clone()
			change(&e)
			checked++
			for _, v := range e.check() {
				violations++
				for _, secret := range []string{leak, id, account} {
					if strings.Contains(v.String(), secret) {
						t.Errorf("%s %s: Check() contains %q: %s", valid.method, valid.url, secret, v)
					}
				}
			}
		}
		for _, body := range append(changes(valid.request), leak, `"`+leak, "") {
			try(func(e *exchange) { e.request = body })
		}
		for _, body := range append(changes(valid.response), leak, `"`+leak, "") {
			for _, status := range []int{200, 503} {
				try(func(e *exchange) { e.response, e.status = body, status })
			}
		}
		for _, name := range []string{"Authorization", "Content-Type", "Content-Encoding", "Retry-After", leak} {
			try(func(e *exchange) { e.header.Set(name, leak); e.responseHeader.Set(name, leak) })
			try(func(e *exchange) { e.header.Add(name, leak); e.responseHeader.Add(name, leak) })
		}
		for _, more := range []string{"/" + leak, "?" + leak, "?" + leak + "=" + leak, "?page=" + leak, "?page=1&page=" + leak, "?scope=" + leak, "?%zz" + leak} {
			try(func(e *exchange) { e.url += more })
		}
		try(func(e *exchange) { e.url = strings.Replace(e.url, id, strings.Repeat(leak, 9), 1) })
		try(func(e *exchange) { e.method = leak })
	}
	if checked < 1000 || violations < checked {
		t.Errorf("checked %d exchanges and found %d violations, want 1000 or more, and more violations", checked, violations)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	valid := examples(t)
	gzipped := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, s)
		_ = w.Close()
		return b.String()
	}
	const unknown = "unknown operation: request: path: the document has no operation with this "
	for _, tt := range []struct {
		name, operation string
		change          func(*exchange)
		want            []string
	}{
		{"another path", "listTokens", func(e *exchange) { e.url = "http://h/user/tokens/a/b" }, []string{unknown + "path"}},
		{"another method", "listTokens", func(e *exchange) { e.method = "PATCH" }, []string{unknown + "method for the path"}},
		{"an empty ID", "getToken", func(e *exchange) { e.url = "http://h/user/tokens/" }, []string{"getToken: request: path token_id: must have a length of at least 1"}},
		{"no credential", "listTokens", func(e *exchange) { e.header = http.Header{} }, []string{"listTokens: request: header Authorization: must contain a bearer token"}},
		{"parameters", "listTokens", func(e *exchange) { e.url += "?page=0&per_page=x&direction=up&include_expired=yes" }, []string{
			"listTokens: request: query page: must be at least 1", "listTokens: request: query per_page: must be of type integer",
			`listTokens: request: query direction: must be one of ["asc","desc"]`, "listTokens: request: query include_expired: must be of type boolean",
		}},
		{"a parameter twice", "listTokens", func(e *exchange) { e.url += "?page=1&page=2" }, []string{"listTokens: request: query page: occurs more than once"}},
		{"no body", "createToken", func(e *exchange) { e.request = "" }, []string{"createToken: request: body: is missing"}},
		{"a body", "deleteToken", func(e *exchange) { e.request = "{}" }, []string{"deleteToken: request: body: is not in the document"}},
		{"a form", "createToken", func(e *exchange) { e.header.Set("Content-Type", "application/x-www-form-urlencoded") }, []string{"createToken: request: header Content-Type: must be application/json"}},
		{"a list", "createToken", func(e *exchange) { e.request = "[]" }, []string{"createToken: request: body: must be of type object"}},
		{"two values", "createToken", func(e *exchange) { e.request += "{}" }, []string{"createToken: request: body: is not JSON"}},
		{"a request", "createToken", func(e *exchange) {
			e.request = `{"name":"","tags":[],"not_before":"today","policies":[{"id":"1","effect":"permit","permission_groups":null,"resources":{"a.b/c":1}}],"condition":{"request_ip":{"in":["x"]}}}`
		}, []string{
			"createToken: request: /condition/request_ip/in/0: must have the format cidr", "createToken: request: /name: must have a length of at least 1",
			"createToken: request: /not_before: must have the format date-time", "createToken: request: /policies/0/id: is read-only and cannot be sent",
			`createToken: request: /policies/0/effect: must be one of ["allow","deny"]`, "createToken: request: /policies/0/permission_groups: must not be null",
			"createToken: request: /policies/0/resources/*: must have one of the documented forms", "createToken: request: /tags: is not in the document",
		}},
		{"a large number", "listPermissionGroups", func(e *exchange) {
			e.response = `{"success":true,"errors":[],"result":[],"result_info":{"count":1e999}}`
		}, []string{"listPermissionGroups: response 200: /result_info/count: must be of type integer"}},
		{"an error of the edge", "listTokens", func(e *exchange) { e.status, e.response = 429, `{"type":"t","status":429,"error_code":1015}` }, []string{"listTokens: response 429: /ray_id: is missing"}},
		{"no response body", "listTokens", func(e *exchange) { e.response = "" }, []string{"listTokens: response 200: body: is not JSON"}},
		{"gzip", "verifyToken", func(e *exchange) {
			e.response, e.responseHeader["Content-Encoding"] = gzipped(`{"success":true,"errors":[]} `), []string{"gzip"}
		}, nil},
		{"gzip without a property", "verifyToken", func(e *exchange) {
			e.response, e.responseHeader["Content-Encoding"] = gzipped(`{"success":true}`), []string{"gzip"}
		}, []string{"verifyToken: response 200: /errors: is missing"}},
		{"not gzip", "verifyToken", func(e *exchange) { e.responseHeader.Set("Content-Encoding", "gzip") }, []string{"verifyToken: response 200: body: is not gzip"}},
		{"another encoding", "verifyToken", func(e *exchange) { e.responseHeader.Set("Content-Encoding", "br") }, []string{"verifyToken: response 200: body: has an unknown Content-Encoding, so it was not checked"}},
		{"17 MiB", "verifyToken", func(e *exchange) { e.response = strings.Repeat(" ", 17<<20) + e.response }, []string{"verifyToken: response 200: body: is longer than 16 MiB, so it was not checked"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := valid[tt.operation]
			e.header, e.responseHeader = e.header.Clone(), e.responseHeader.Clone()
			tt.change(&e)
			req, resp := e.messages()
			var got []string
			for _, v := range contract.Check(req, resp) {
				got = append(got, v.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check() (-want +got):\n%s", diff)
			}
			for want, body := range map[string]io.Reader{e.request: req.Body, e.response: resp.Body} {
				if got, err := io.ReadAll(body); err != nil || string(got) != want {
					t.Errorf("the body after Check() has %d bytes, error %v, want the %d bytes as before", len(got), err, len(want))
				}
			}
		})
	}
}

// TestCheck_Sent checks requests whose body was sent already.
func TestCheck_Sent(t *testing.T) {
	t.Parallel()
	for want, getBody := range map[string]func() (io.ReadCloser, error){
		"createToken: request: /name: must be of type string":                func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(`{"name":1}`)), nil },
		"createToken: request: body: cannot be read":                         func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF },
		"createToken: request: body: was read before, so it was not checked": nil,
	} {
		req := httptest.NewRequest("POST", prefix+"/user/tokens", strings.NewReader(`{"name":1}`))
		req.Header = http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"application/json"}}
		_, _ = io.Copy(io.Discard, req.Body)
		req.GetBody = getBody
		if got := contract.Check(req, nil); len(got) != 1 || got[0].String() != want {
			t.Errorf("Check() = %v, want %s", got, want)
		}
	}
}
