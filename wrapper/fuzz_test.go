package cftokens_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// recorded ranges over the statuses and bodies of the recordings of contract_test.
func recorded(t testing.TB) iter.Seq2[int, []byte] {
	t.Helper()
	files, err := filepath.Glob("../contract_test/testdata/*/*/*.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d recordings, %v", len(files), err)
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
					t.Errorf("%s: success with status %d and body %q", operation, status, body)
				}
			case errors.As(err, &apiErr):
				if apiErr.StatusCode != status || len(apiErr.Excerpt) > 512 {
					t.Errorf("%s: %+v", operation, apiErr)
				}
			case errors.As(err, &decodeErr):
				if decodeErr.StatusCode != status || status > 299 {
					t.Errorf("%s: %+v", operation, decodeErr)
				}
			default:
				t.Errorf("%s: %T %v", operation, err, err)
			}
		}
	})
}

func FuzzID(f *testing.F) {
	for _, id := range []string{tokenID, "", "..", "verify", "a/b", "%2e", "A-b_9"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		api := respond(http.StatusOK, success(tokenJSON))
		_, err := newClient(t, api).Get(t.Context(), id)
		if errors.Is(err, cftokens.ErrInvalidArgument) {
			return
		}
		if err != nil || len(api.requests) != 1 {
			t.Fatalf("id %q: %v", id, err)
		}
		if got, want := api.requests[0].URL.String(), cftokens.DefaultBaseURL+"/user/tokens/"+id; got != want {
			t.Errorf("id %q was accepted and asks for %s", id, got)
		}
	})
}

// FuzzAccountID checks that an accepted account ID is in the path as it is.
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
			t.Fatalf("Account(%q): %v, List() error = %v", id, err, listErr)
		}
		if got, want := api.requests[0].URL.String(), cftokens.DefaultBaseURL+"/accounts/"+id+"/tokens"; got != want {
			t.Errorf("Account(%q) requests %s, want %s", id, got, want)
		}
	})
}

// FuzzRetryAfter: no header makes a wait negative, and a number of seconds is that
// many seconds.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "0", "30", "-1", "1.5", "9223372036854775807", "18446744073709551616", "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		_, err := newClient(t, respond(http.StatusTooManyRequests, "", "Retry-After", header)).Get(t.Context(), tokenID)
		var apiErr *cftokens.APIError
		if !errors.As(err, &apiErr) || apiErr.RetryAfter < 0 {
			t.Fatalf("%q: got %v", header, err)
		}
		seconds, err := strconv.ParseUint(header, 10, 64)
		if err == nil && seconds < math.MaxInt64/uint64(time.Second) && apiErr.RetryAfter != time.Duration(seconds)*time.Second {
			t.Errorf("%q: a wait of %v", header, apiErr.RetryAfter)
		}
	})
}

// FuzzAll: whatever the server says of its pages, the sequence ends, and asks for
// at most one page more than there are.
func FuzzAll(f *testing.F) {
	f.Add(uint64(1), 120, 50)
	f.Add(uint64(2), 0, 1)
	f.Add(uint64(3), 20, 5)
	f.Fuzz(func(t *testing.T, seed uint64, total, size int) {
		if total < 0 || total > 500 || size < 1 || size > 100 {
			return
		}
		random := rand.New(rand.NewPCG(seed, seed))
		api := lister(total, size, func(int, int) string {
			if random.IntN(4) == 0 {
				return ""
			}
			info := map[string]int{}
			for _, key := range []string{"page", "per_page", "count", "total_count", "total_pages"} {
				if random.IntN(2) == 0 {
					info[key] = random.IntN(2*total+4) - 2
				}
			}
			text, err := json.Marshal(info)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		})
		got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		served := min(size, 50)
		if pages := (total + served - 1) / served; len(api.requests) > pages+1 {
			t.Errorf("%d requests for %d pages", len(api.requests), pages)
		}
		for i, name := range got {
			if name != fmt.Sprintf("token %d", i) {
				t.Fatalf("token %d is %q", i, name)
			}
		}
	})
}

// FuzzCondition checks that a restriction under either key is not lost.
func FuzzCondition(f *testing.F) {
	for _, data := range []string{
		`{"request_ip":{"in":["192.0.2.1"]}}`, `{"request.ip":{"in":["192.0.2.1"]}}`, `{"request\u002eip":{"not_in":["::1"]}}`, `{"request.ip":null}`,
		`{"request_ip":{"in":null},"request.ip":{"in":["a"]}}`, `{"request_ip":{"in":[]},"request.ip":{"in":["a"]}}`, `null`, `[]`, `{`, `7`,
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
		if (len(ip.In) > 0 || len(ip.NotIn) > 0) && len(got.RequestIP.In) == 0 && len(got.RequestIP.NotIn) == 0 {
			t.Errorf("Unmarshal(%q) = %+v, which is not restricted", data, got)
		}
	})
}

// FuzzResultInfo checks that no result_info makes a page fail, or All lose items or go on
// forever.
func FuzzResultInfo(f *testing.F) {
	for _, info := range []string{
		`null`, `[]`, `{}`, `false`, `7`, `"x"`, `{"page":1.0}`, `{"page":"1","total_count":"120"}`, `{"per_page":50,"total_count":120}`,
		`{"page":-1,"per_page":-50,"total_count":-1,"total_pages":-1}`, `{"per_page":9223372036854775807,"total_count":9223372036854775807}`, `{"total_pages":1}`,
	} {
		f.Add(info)
	}
	f.Fuzz(func(t *testing.T, info string) {
		if !json.Valid([]byte(info)) {
			return
		}
		const total = 120
		api := lister(total, 50, func(int, int) string { return info })
		client := newClient(t, api)
		page, err := client.List(t.Context(), cftokens.ListOptions{PerPage: 50})
		if err != nil || len(page.Items) != 50 {
			t.Fatalf("result_info %s: List() error = %v", info, err)
		}
		if next, more := page.Next(); more && next != 2 {
			t.Errorf("result_info %s: Next() = %d, %v", info, next, more)
		}
		got, err := collect(t.Context(), client, cftokens.ListOptions{})
		if err != nil || len(api.requests) > 5 {
			t.Errorf("result_info %s: All() error = %v after %d requests", info, err, len(api.requests)-1)
		}
		if page.Info == (cftokens.ResultInfo{}) && len(got) != total {
			t.Errorf("result_info %s: All() returned %d tokens, want %d", info, len(got), total)
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
			var decodeErr *cftokens.DecodeError
			if !errors.As(err, &decodeErr) || strings.Contains(err.Error(), leak) || strings.Contains(err.Error(), tokenValue) {
				t.Errorf("%s() error = %v, want a *DecodeError that quotes nothing", name, err)
			}
		}
	})
}
