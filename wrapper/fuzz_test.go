package cftokens_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// recorded returns the statuses and bodies of the recordings of contract_test.
func recorded(t testing.TB) iter.Seq2[int, []byte] {
	t.Helper()
	files, err := filepath.Glob("../contract_test/testdata/*/*/*.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("Glob() found %d recordings, %v; want 60", len(files), err)
	}
	return func(yield func(int, []byte) bool) {
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var e struct {
				Response struct {
					Status int
					Body   json.RawMessage
				}
			}
			if err := json.Unmarshal(data, &e); err != nil {
				t.Fatal(err)
			}
			if !yield(e.Response.Status, e.Response.Body) {
				return
			}
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	for status, body := range recorded(f) {
		f.Add(status, body)
	}
	for _, body := range []string{
		success(tokenJSON), success(`[` + tokenJSON + `]`), success(`"` + tokenValue + `"`), apiError("1003", "Token not found"),
		`{"success":false,"errors":["x",{"code":"1","error_chain":[{"code":2}]}]}`, `{"success":true,"result":{"condition":{"request.ip":{"in":["192.0.2.1"]}}}}`,
		"<html>", "", `{"code":1001,"error":"method_not_allowed"}`,
	} {
		for _, status := range []int{200, 404, 502} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 999 || status/100 == 3 {
			return
		}
		for operation, call := range everyCall {
			err := call(t, newClient(t, respond(status, string(body))))
			var apiErr *cftokens.APIError
			var decodeErr *cftokens.DecodeError
			switch {
			case err == nil:
				if status > 299 || !bytes.Contains(bytes.ToLower(body), []byte("true")) {
					t.Errorf("%s error = nil with status %d and body %q, want one", operation, status, body)
				}
			case errors.As(err, &apiErr):
				if apiErr.StatusCode != status {
					t.Errorf("%s error has status %d, want %d", operation, apiErr.StatusCode, status)
				}
				if n := len(apiErr.Excerpt); n > 512 {
					t.Errorf("%s error has an excerpt of %d bytes, want at most 512", operation, n)
				}
			case errors.As(err, &decodeErr):
				if decodeErr.StatusCode != status || status > 299 {
					t.Errorf("%s error = %v with status %d, want that of a 2xx status", operation, err, status)
				}
			default:
				t.Errorf("%s error = %v, want an *APIError or a *DecodeError", operation, err)
			}
		}
	})
}

// FuzzValue checks that a Create does not lose a value, whatever happens to the rest of the
// response. An edit is a position, what to do there, and a byte; there are at most 8.
func FuzzValue(f *testing.F) {
	for _, edits := range []string{"", "\x00\x01\x00x", "\x00\x20\x01\"\x00\x21\x02\"", "\x01\x05\x02{", "\x00\x60\x00\\\x01\x10\x00}"} {
		f.Add([]byte(edits))
	}
	const whole = `"` + tokenValue + `"`
	token := `{"id":"` + tokenID + `","name":"deploy","status":"active","issued_on":"2026-01-01T00:00:00Z","policies":[` + policyJSON +
		`],"condition":{"request_ip":{"in":["192.0.2.0/24"]}},"value":` + whole + `,"modified_on":"2026-01-01T00:00:00Z"}`
	f.Fuzz(func(t *testing.T, edits []byte) {
		body := success(token)
		for range min(len(edits)/4, 8) {
			at := (int(edits[0])<<8 | int(edits[1])) % len(body)
			switch edits[2] % 3 {
			case 0: // replace
				body = body[:at] + string(edits[3:4]) + body[at+1:]
			case 1: // delete
				body = body[:at] + body[at+1:]
			case 2: // insert
				body = body[:at] + string(edits[3:4]) + body[at:]
			}
			if !strings.Contains(body, whole) {
				return
			}
			edits = edits[4:]
		}
		got, err := newClient(t, respond(http.StatusOK, body)).Create(t.Context(), tokenCreate())
		if got == nil || got.Value.Reveal() != tokenValue {
			t.Errorf("body %q: Create() = %v, %v; want the value", body, got, err)
		}
		checkNoLeak(t, "Create()", err, tokenValue)
	})
}

func FuzzID(f *testing.F) {
	for _, id := range []string{tokenID, "", "..", "verify", "a/b", "%2e", "A-b_9"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		api := respond(http.StatusOK, success(`{"id":"`+id+`"}`))
		_, err := newClient(t, api).Get(t.Context(), id)
		if errors.Is(err, cftokens.ErrInvalidArgument) {
			return
		}
		if err != nil || len(api.requests) != 1 {
			t.Fatalf("Get(%q) error = %v after %d requests, want nil after 1", id, err, len(api.requests))
		}
		if got, want := api.requests[0].URL.String(), cftokens.DefaultBaseURL+"/user/tokens/"+id; got != want {
			t.Errorf("Get(%q) requested %s, want %s", id, got, want)
		}
	})
}

// FuzzAccountID checks that an accepted account ID is in the path unchanged.
func FuzzAccountID(f *testing.F) {
	for _, id := range []string{accountID, "", "..", "../../user/tokens/verify/0123456", accountID + "/"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		api := respond(http.StatusOK, success("[]"))
		client, err := newClient(t, api).Account(id)
		if errors.Is(err, cftokens.ErrInvalidArgument) {
			return
		}
		if _, listErr := client.List(t.Context(), cftokens.ListOptions{}); err != nil || listErr != nil {
			t.Fatalf("Account(%q) error = %v, List() error = %v", id, err, listErr)
		}
		if got, want := api.requests[0].URL.String(), cftokens.DefaultBaseURL+"/accounts/"+id+"/tokens"; got != want {
			t.Errorf("Account(%q) requests %s, want %s", id, got, want)
		}
	})
}

// FuzzRetryAfter checks that no header makes RetryAfter negative, and that a number counts
// as seconds.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "0", "30", "-1", "1.5", "9223372036854775807", "18446744073709551616", "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		_, err := newClient(t, respond(http.StatusTooManyRequests, "", "Retry-After", header)).Get(t.Context(), tokenID)
		apiErr := asError[*cftokens.APIError](t, "Get()", err)
		if apiErr.RetryAfter < 0 {
			t.Fatalf("Retry-After %q: RetryAfter = %v, want at least 0", header, apiErr.RetryAfter)
		}
		seconds, err := strconv.ParseUint(header, 10, 64)
		if err != nil || seconds >= math.MaxInt64/uint64(time.Second) {
			return
		}
		if want := time.Duration(seconds) * time.Second; apiErr.RetryAfter != want {
			t.Errorf("Retry-After %q: RetryAfter = %v, want %v", header, apiErr.RetryAfter, want)
		}
	})
}

// FuzzCondition checks that a restriction under either key is not lost.
func FuzzCondition(f *testing.F) {
	for _, data := range []string{
		`{"request_ip":{"in":["192.0.2.1"]}}`, `{"request.ip":{"in":["192.0.2.1"]}}`, `{"request\u002eip":{"not_in":["::1"]}}`, `{"request.ip":null}`,
		`{"request_ip":{"in":null},"request.ip":{"in":["a"]}}`, `{"request_ip":{"in":[]},"request.ip":{"in":["a"]}}`, `null`, `[]`, `{`, `7`,
		`{"requesT_ip":{"in":[]},"request.ip":{"in":["a"]}}`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got cftokens.Condition
		if json.Unmarshal(data, &got) != nil {
			return
		}
		var plain map[string]struct {
			In    []string `json:"in"`
			NotIn []string `json:"not_in"`
		}
		if json.Unmarshal(data, &plain) != nil {
			return
		}
		ip := plain["request_ip"]
		if ip.In == nil && ip.NotIn == nil {
			ip = plain["request.ip"]
		}
		restricted := len(ip.In)+len(ip.NotIn) > 0
		// An empty list denies every address, and has precedence under a key in another case.
		if restricted && got.RequestIP.In == nil && got.RequestIP.NotIn == nil {
			t.Errorf("Unmarshal(%q) = %+v, want a restriction", data, got)
		}
	})
}

// FuzzTime checks that no error quotes a malformed time.
func FuzzTime(f *testing.F) {
	for _, text := range []string{"", "x", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+99:99", "Z", "0000-01-01T00:00:00Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text + leak)
		if err != nil {
			t.Fatal(err)
		}
		token := `{"id":"a","name":"n","value":"` + tokenValue + `","not_before":` + string(quoted) + `,"policies":[` + policyJSON + `]}`
		client := newClient(t, respond(http.StatusOK, success(token)))
		_, getErr := client.Get(t.Context(), tokenID)
		_, createErr := client.Create(t.Context(), tokenCreate())
		_, editErr := client.Edit(t.Context(), tokenID, keep)
		for name, err := range map[string]error{"Get": getErr, "Create": createErr, "Edit": editErr} {
			_ = asError[*cftokens.DecodeError](t, name+"()", err)
			checkNoLeak(t, name+"()", err, leak, tokenValue)
		}
	})
}
