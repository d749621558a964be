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

	// token is the JSON of a token after its ID. It has two policies, an address condition
	// and an expiry.
	token = `"name":"deploy of service 1","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-02-03T04:05:06Z",` +
		`"last_used_on":"2026-11-01T02:03:04Z","not_before":"2026-01-02T03:04:05Z","expires_on":"2027-01-02T03:04:05Z","policies":[` +
		`{"id":"a1b2c3d4e5f60718293a4b5c6d7e8f01","effect":"allow","resources":{"com.cloudflare.api.account.zone.22b1de5f1c0e4b3ea97bb1e963b06a43":"*",` +
		`"com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4":"*"},"permission_groups":[{"id":"c8fed203ed3043cba015a93ad1616f1f",` +
		`"name":"Zone Read"},{"id":"4755a26eedb94da69e1066d98aa820be","name":"DNS Write"}]},{"id":"f8e7d6c5b4a39281706f5e4d3c2b1a01","effect":"deny",` +
		`"resources":{"com.cloudflare.api.account.eb78d65290b24279ba6f44721b3ea3c4":{"com.cloudflare.api.account.zone.*":"*"}},` +
		`"permission_groups":[{"id":"e086da7e2179491d91ee5f35b3ca210a","name":"Workers Scripts Write"}]}],` +
		`"condition":{"request_ip":{"in":["192.0.2.0/24","2001:db8::/48"],"not_in":["192.0.2.7/32"]}}`
	tokenJSON        = `{"id":"` + tokenID + `",` + token + "}"
	createdJSON      = `{"id":"` + tokenID + `",` + token + `,"value":"EXAMPLE-token_value_not_a_secret_0123456"}`
	verificationJSON = `{"id":"` + tokenID + `","status":"active","expires_on":"2027-01-02T03:04:05Z"}`

	success  = `{"success":true,"errors":[],"messages":[],"result":`
	notFound = `{"success":false,"errors":[{"code":1003,"message":"Token not found"}],"messages":[],"result":null}`
)

var (
	groupsJSON = "[" + join(392, `{"id":"%032x","name":"Permission group","scopes":["com.cloudflare.api.account.zone"],"category":"dns_and_zones"}`) + "]"
	tokensJSON = join(50, `{"id":"%032x",`+token+"}") + "]}"

	// bodies are the response bodies of the operations other than List, by path.
	bodies = map[string]string{
		"":                   success + createdJSON + "}",
		"/" + tokenID:        success + tokenJSON + "}",
		"/verify":            success + verificationJSON + "}",
		"/permission_groups": success + groupsJSON + `,"result_info":{"page":1,"per_page":1000,"count":392,"total_count":392,"total_pages":1}}`,
	}
	header = http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"8f0e1d2c3b4a5968-AMS"}}
)

// join returns n items with their numbers.
func join(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(items, ",")
}

// api responds like Cloudflare's API, but with prepared bodies, to measure only the
// client. It is an http.RoundTripper, for requests in memory, and an http.Handler.
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
	status, text := a.respond(req)
	var body io.Reader = strings.NewReader(text[0])
	if text[1] != "" {
		body = io.MultiReader(body, strings.NewReader(text[1]))
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(body), ContentLength: int64(len(text[0]) + len(text[1])), Request: req,
	}, nil
}

func (a *api) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	status, text := a.respond(req)
	maps.Copy(w.Header(), header)
	w.Header().Set("Content-Length", strconv.Itoa(len(text[0])+len(text[1])))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text[0])
	_, _ = io.WriteString(w, text[1])
}

func (a *api) respond(req *http.Request) (status int, text [2]string) {
	a.requests.Add(1)
	path := strings.TrimPrefix(req.URL.Path, "/client/v4/user/tokens")
	if path == "" && req.Method == http.MethodGet {
		return http.StatusOK, a.page(req)
	}
	if body, ok := bodies[path]; ok {
		return http.StatusOK, [2]string{body}
	}
	return http.StatusNotFound, [2]string{notFound}
}

// page returns a page of the list in two parts, to avoid copying the tokens. The ID of
// its first token is the page number; the others are the same on every page.
func (a *api) page(req *http.Request) [2]string {
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
		return [2]string{head, "]}"}
	}
	id := fmt.Sprintf(`{"id":"%032d"`, number)
	return [2]string{head + id, tokensJSON[(50-items)*(len(id+","+token)+2)+len(id):]}
}
