package cftokenstest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestRequests_NoCredentials(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Inject(cftokenstest.Fault{Operation: "createToken", Status: 500})
	f.do("POST", "/user/tokens?a=b&a=c%20d", createBody, "X-Auth-Key", "s3cret", "X-Auth-Email", "s3cret@example.com",
		"X-Auth-User-Service-Key", "s3cret", "Cookie", "a=s3cret", "Proxy-Authorization", "s3cret", "X-Other", "kept")
	created := f.create(policies(zoneRead), "")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)

	got := f.Requests()
	text := fmt.Sprintf("%+v %s", got, encode(t, got))
	if secret := regexp.MustCompile("s3cret|FAKE-|Authorization").FindString(text); secret != "" {
		t.Errorf("Requests() contains %q", secret)
	}
	want := cftokenstest.Request{
		Operation: "createToken", Method: "POST", Path: "/client/v4/user/tokens", Query: url.Values{"a": {"b", "c d"}},
		Header: http.Header{"X-Other": {"kept"}, "User-Agent": {"Go-http-client/1.1"}, "Accept-Encoding": {"gzip"}, "Content-Length": {strconv.Itoa(len(createBody))}},
		Body:   []byte(createBody),
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("Requests() (-want +got):\n%s", diff)
	}

	got[0].Header.Set("X-Other", "changed")
	got[0].Query["a"][0] = "changed"
	got[0].Body[0] = 'x'
	if diff := cmp.Diff(want, f.Requests()[0]); diff != "" {
		t.Errorf("Requests() after a change of its result (-want +got):\n%s", diff)
	}
}

func TestRequestLimit(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int][]string{-1: nil, 0: nil, 2: {"/client/v4/3", "/client/v4/4"}, 9: {"/client/v4/0", "/client/v4/1", "/client/v4/2", "/client/v4/3", "/client/v4/4"}} {
		f := newFake(t, cftokenstest.WithRequestLimit(limit))
		for i := range 5 {
			f.do("GET", fmt.Sprint("/", i), "")
		}
		var got []string
		for _, r := range f.Requests() {
			got = append(got, r.Path)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("paths of Requests() with the limit %d (-want +got):\n%s", limit, diff)
		}
	}
}
