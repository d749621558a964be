package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	tokenID   = "ed17574386854bf78a67040be0a770b0"
	unknownID = "00000000000000000000000000000000"
	groups    = 392
)

// api answers like Cloudflare's, with bodies that are ready, so that what is
// measured is the client. It serves in memory, as an http.RoundTripper, and over a
// connection, as an http.Handler.
type api struct {
	tokens   int // that its list has
	requests atomic.Int64
}

// RoundTrip answers req without a connection.
func (a *api) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	status, body, length := a.answer(req)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(body), ContentLength: length, Request: req,
	}, nil
}

// ServeHTTP answers req over its connection.
func (a *api) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	status, body, length := a.answer(req)
	maps.Copy(w.Header(), header)
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(status)
	_, _ = io.Copy(w, body)
}

var header = http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"8f0e1d2c3b4a5968-AMS"}}

func (a *api) answer(req *http.Request) (status int, body io.Reader, length int64) {
	a.requests.Add(1)
	path := strings.TrimPrefix(req.URL.Path, "/client/v4/user/tokens")
	switch {
	case path == "" && req.Method == http.MethodGet:
		return a.page(req)
	case path == "" && req.Method == http.MethodPost:
		return ready(http.StatusOK, createdBody)
	case path == "/permission_groups":
		return ready(http.StatusOK, groupsBody)
	case path == "/verify":
		return ready(http.StatusOK, verifyBody)
	case path == "/"+tokenID:
		return ready(http.StatusOK, tokenBody)
	}
	return ready(http.StatusNotFound, notFoundBody)
}

func ready(status int, body string) (int, io.Reader, int64) {
	return status, strings.NewReader(body), int64(len(body))
}

// page is a page of the list. The number of the page is in the id of its first
// token; the rest of the tokens are the same on every page.
func (a *api) page(req *http.Request) (status int, body io.Reader, length int64) {
	query := req.URL.Query()
	number, size := 1, 20
	if n, err := strconv.Atoi(query.Get("page")); err == nil {
		number = n
	}
	if n, err := strconv.Atoi(query.Get("per_page")); err == nil {
		size = n
	}
	items := min(size, max(0, a.tokens-(number-1)*size))
	head := fmt.Sprintf(`{"success":true,"errors":[],"messages":[],"result_info":{"page":%d,"per_page":%d,"count":%d,"total_count":%d,"total_pages":%d},"result":[`,
		number, size, items, a.tokens, (a.tokens+size-1)/size)
	if items == 0 {
		return ready(http.StatusOK, head+"]}")
	}
	head += fmt.Sprintf(`{"id":"%032d"`, number)
	// After the id of the first token, up to the last token that the page has.
	rest := tokensText[:tokenEnds[items-1]]
	return http.StatusOK, io.MultiReader(strings.NewReader(head), strings.NewReader(rest), strings.NewReader("]}")),
		int64(len(head) + len(rest) + 2)
}

// tokenText is a token without the start of its object and its id: two policies, an
// address condition and an expiry, as programs that issue tokens make them.
func tokenText(i int) string {
	return fmt.Sprintf(`,"name":"deploy of service %d","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-02-03T04:05:06Z",`+
		`"last_used_on":"2026-11-01T02:03:04Z","not_before":"2026-01-02T03:04:05Z","expires_on":"2027-01-02T03:04:05Z","policies":[`+
		`{"id":"a1b2c3d4e5f60718293a4b5c6d7e8f%02d","effect":"allow","resources":{"com.cloudflare.api.account.zone.22b1de5f1c0e4b3ea97bb1e963b06a43":"*",`+
		`"com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4":"*"},"permission_groups":[{"id":"c8fed203ed3043cba015a93ad1616f1f",`+
		`"name":"Zone Read"},{"id":"4755a26eedb94da69e1066d98aa820be","name":"DNS Write"}]},{"id":"f8e7d6c5b4a39281706f5e4d3c2b1a%02d","effect":"deny",`+
		`"resources":{"com.cloudflare.api.account.eb78d65290b24279ba6f44721b3ea3c4":{"com.cloudflare.api.account.zone.*":"*"}},`+
		`"permission_groups":[{"id":"e086da7e2179491d91ee5f35b3ca210a","name":"Workers Scripts Write"}]}],`+
		`"condition":{"request_ip":{"in":["192.0.2.0/24","2001:db8::/48"],"not_in":["192.0.2.7/32"]}}`, i, i, i)
}

// tokensText is fifty tokens, the first without its id, and tokenEnds is where each
// of them ends.
var tokensText, tokenEnds = func() (string, []int) {
	var text bytes.Buffer
	var ends []int
	for i := range 50 {
		if i > 0 {
			fmt.Fprintf(&text, `,{"id":"%032x"`, i)
		}
		text.WriteString(tokenText(i) + "}")
		ends = append(ends, text.Len())
	}
	return text.String(), ends
}()

func success(result string) string {
	return `{"result":` + result + `,"success":true,"errors":[],"messages":[]}`
}

var (
	tokenBody    = success(`{"id":"` + tokenID + `"` + tokenText(1) + "}")
	createdBody  = success(`{"id":"` + tokenID + `"` + tokenText(1) + `,"value":"EXAMPLE-token_value_not_a_secret_0123456"}`)
	verifyBody   = success(`{"id":"` + tokenID + `","status":"active","expires_on":"2027-01-02T03:04:05Z"}`)
	notFoundBody = `{"success":false,"errors":[{"code":1003,"message":"Token not found"}],"messages":[],"result":null}`
	groupsBody   = func() string {
		var list []string
		for i := range groups {
			list = append(list, fmt.Sprintf(`{"id":"%032x","name":"Permission group %d Write","scopes":["com.cloudflare.api.account.zone"],"category":"dns_and_zones"}`, i, i))
		}
		return `{"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":1000,"count":392,"total_count":392,"total_pages":1},` +
			`"result":[` + strings.Join(list, ",") + `]}`
	}()
)
