package bench

import (
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
)

// api responds like Cloudflare's API, with prepared bodies, so that the client is what is
// measured: in memory as an http.RoundTripper, over a connection as an http.Handler.
type api struct {
	tokens   int // in its list
	requests atomic.Int64
}

func (a *api) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	status, body, length := a.respond(req)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(body), ContentLength: length, Request: req,
	}, nil
}

func (a *api) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	status, body, length := a.respond(req)
	maps.Copy(w.Header(), header)
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(status)
	_, _ = io.Copy(w, body)
}

var header = http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"8f0e1d2c3b4a5968-AMS"}}

func (a *api) respond(req *http.Request) (status int, body io.Reader, length int64) {
	a.requests.Add(1)
	status, text := http.StatusOK, ""
	switch path := strings.TrimPrefix(req.URL.Path, "/client/v4/user/tokens"); {
	case path == "" && req.Method == http.MethodGet:
		return a.page(req)
	case path == "" && req.Method == http.MethodPost:
		text = createdBody
	case path == "/permission_groups":
		text = groupsBody
	case path == "/verify":
		text = verificationBody
	case path == "/"+tokenID:
		text = tokenBody
	default:
		status, text = http.StatusNotFound, notFoundBody
	}
	return status, strings.NewReader(text), int64(len(text))
}

// page returns a page of the list. The number of the page is the ID of its first token;
// the other tokens are the same on every page.
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
	rest := ""
	if items > 0 {
		head += fmt.Sprintf(`{"id":"%032d"`, number)
		rest = tokensText[:tokenEnds[items-1]]
	}
	return http.StatusOK, io.MultiReader(strings.NewReader(head), strings.NewReader(rest), strings.NewReader("]}")), int64(len(head) + len(rest) + 2)
}

// tokenText is a token of two policies, an address condition and an expiry, without the
// start of its object and its ID.
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

// tokensText is fifty tokens, the first without its ID; tokenEnds is where each ends.
var tokensText, tokenEnds = func() (text string, ends []int) {
	for i := range 50 {
		if i > 0 {
			text += fmt.Sprintf(`,{"id":"%032x"`, i)
		}
		text += tokenText(i) + "}"
		ends = append(ends, len(text))
	}
	return text, ends
}()

// The results of the operations, and the bodies that they are sent in.
var (
	tokenJSON        = `{"id":"` + tokenID + `"` + tokenText(1) + "}"
	createdJSON      = `{"id":"` + tokenID + `"` + tokenText(1) + `,"value":"EXAMPLE-token_value_not_a_secret_0123456"}`
	verificationJSON = `{"id":"` + tokenID + `","status":"active","expires_on":"2027-01-02T03:04:05Z"}`
	groupsJSON       = func() string {
		var list []string
		for i := range 392 {
			list = append(list, fmt.Sprintf(`{"id":"%032x","name":"Permission group %d Write","scopes":["com.cloudflare.api.account.zone"],"category":"dns_and_zones"}`, i, i))
		}
		return "[" + strings.Join(list, ",") + "]"
	}()

	success          = `{"success":true,"errors":[],"messages":[],"result":`
	tokenBody        = success + tokenJSON + "}"
	createdBody      = success + createdJSON + "}"
	verificationBody = success + verificationJSON + "}"
	groupsBody       = success + groupsJSON + `,"result_info":{"page":1,"per_page":1000,"count":392,"total_count":392,"total_pages":1}}`
	notFoundBody     = `{"success":false,"errors":[{"code":1003,"message":"Token not found"}],"messages":[],"result":null}`
)
