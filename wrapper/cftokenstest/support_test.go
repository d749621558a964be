package cftokenstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	zoneRead    = "c8fed203ed3043cba015a93ad1616f1f"
	dnsWrite    = "4755a26eedb94da69e1066d98aa820be"
	billingRead = "7cf72faf220841aabcfdfab81c43c4f6"
	tokensRead  = "0cc3a61731504c89b99ec1be78b77aa0"
	tokensWrite = "686d18d5ac6c441c867cbf6771e58a0a"

	accountTokensRead  = "eb56a6953c034b9d97dd838155666f06"
	accountTokensWrite = "5bc3f8b21c554832afc660159ab75fa4"

	unknownID = "ffffffffffffffffffffffffffffffff"
	zone      = `"com.cloudflare.api.account.zone.ffeeddccbbaa99887766554433221100":"*"`
)

// fake is a server with a client that uses nothing but HTTP.
type fake struct {
	*cftokenstest.Server

	t         testing.TB
	http      *http.Client
	unchecked atomic.Bool // whether responses need not conform to openapi.yaml
}

func newFake(t testing.TB, opts ...cftokenstest.Option) *fake {
	t.Helper()
	s := cftokenstest.NewServer(opts...)
	t.Cleanup(s.Close)
	f := &fake{Server: s, t: t}
	f.http = &http.Client{Transport: contract.Transport(nil, func(violations []contract.Violation) {
		for _, v := range violations {
			// Tests send invalid requests, and requests to other endpoints.
			if v.Operation != "" && v.Status != 0 && !f.unchecked.Load() {
				t.Errorf("the response of the fake does not conform to openapi.yaml: %s", v)
			}
		}
	})}
	return f
}

// Inject makes the fake respond with something that need not conform.
func (f *fake) Inject(fault cftokenstest.Fault) {
	f.unchecked.Store(true)
	f.Server.Inject(fault)
}

// reply is a response whose body has been read.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// do sends a request with the server's credential. header alternates names and values; an
// empty value removes a header.
func (f *fake) do(method, path, body string, header ...string) reply {
	f.t.Helper()
	r, err := f.try(method, path, body, header...)
	if err != nil {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (f *fake) try(method, path, body string, header ...string) (reply, error) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatalf("NewRequestWithContext() error = %v", err)
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{t: f.t, status: resp.StatusCode, header: resp.Header, body: string(b)}, err
}

// as returns the header of a request with another credential.
func as(value string) []string { return []string{"Authorization", "Bearer " + value} }

// want checks the status and, compared as JSON, the body.
func (r reply) want(status int, body string) {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("status = %d, want %d: %s", r.status, status, r.body)
	}
	if diff := cmp.Diff(parse(r.t, body), parse(r.t, r.body)); diff != "" {
		r.t.Errorf("body (-want +got):\n%s", diff)
	}
}

// rejected checks that the response is an error envelope.
func (r reply) rejected(status, code int, message string) {
	r.t.Helper()
	r.want(status, `{"success":false,"errors":[`+encode(r.t, map[string]any{"code": code, "message": message})+`],"messages":[],"result":null}`)
}

// ok checks that the response is a success and decodes its result, unless result is nil.
func (r reply) ok(result any) {
	r.t.Helper()
	var e struct {
		Success bool
		Result  json.RawMessage
	}
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		r.t.Fatalf("body is not an envelope: %v: %s", err, r.body)
	}
	if r.status != http.StatusOK || !e.Success {
		r.t.Fatalf("status %d, want a success: %s", r.status, r.body)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(e.Result, result); err != nil {
		r.t.Fatalf("Unmarshal() of the result: error = %v: %s", err, r.body)
	}
}

func parse(t testing.TB, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("Unmarshal(%q) error = %v", text, err)
	}
	return v
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("Marshal() error = %v", err)
	}
	return string(text)
}

// unknownValue has the shape of a token's value.
const unknownValue = "FAKE-unknown-0123456789-0123456789-01234"

// token has the fields of a token that tests use.
type token struct {
	ID, Name, Status, Value string
	IssuedOn                string  `json:"issued_on"`
	ModifiedOn              string  `json:"modified_on"`
	LastUsedOn              *string `json:"last_used_on"`
	NotBefore               *string `json:"not_before"`
	ExpiresOn               *string `json:"expires_on"`
	Policies                []struct {
		ID, Effect       string
		Resources        map[string]any
		PermissionGroups []struct{ ID, Name string } `json:"permission_groups"`
	}
	Condition any
}

// create creates a user token. more is appended to the properties of the body.
func (f *fake) create(policies, more string) (t token) {
	f.t.Helper()
	f.do("POST", "/user/tokens", `{"name":"n","policies":`+policies+more+`}`).ok(&t)
	return t
}

// policies returns a policy that allows permission groups on a zone.
func policies(groups ...string) string { return policiesOn(zone, groups...) }

func policiesOn(resources string, groups ...string) string {
	return `[` + policy("allow", resources, groups...) + `]`
}

func policy(effect, resources string, groups ...string) string {
	return `{"effect":"` + effect + `","resources":{` + resources + `},"permission_groups":[{"id":"` +
		strings.Join(groups, `"},{"id":"`) + `"}]}`
}

// onAccount returns the account of the fake as a resource.
func (f *fake) onAccount() string { return `"com.cloudflare.api.account.` + f.AccountID + `":"*"` }

const onUser = `"com.cloudflare.api.user.00112233445566778899aabbccddeeff":"*"`
