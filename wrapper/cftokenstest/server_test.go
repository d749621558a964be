package cftokenstest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestURL(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if want := regexp.MustCompile(`^http://127\.0\.0\.1:\d+/client/v4$`); !want.MatchString(f.URL) {
		t.Errorf("URL %q, want %v", f.URL, want)
	}
	if !valueShape.MatchString(f.Token) {
		t.Errorf("Token %q, want %v", f.Token, valueShape)
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", ":0"} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			f := newFake(t, cftokenstest.WithListener(l))
			if want := fmt.Sprintf("http://127.0.0.1:%d/client/v4", l.Addr().(*net.TCPAddr).Port); f.URL != want {
				t.Errorf("URL %q, want %q", f.URL, want)
			}
			f.do("GET", "/user/tokens/verify", "").ok(nil)
			f.Close()
			if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
				_ = conn.Close()
				t.Error("the listener is still there")
			}
		})
	}
}

func TestClose_Twice(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.create(policies(zoneRead), "")
	f.Close()
	f.Close()
	if _, err := f.try("GET", "/user/tokens", ""); err == nil {
		t.Error("the server still responds")
	}
	if len(f.Tokens()) != 1 || len(f.Requests()) != 1 {
		t.Error("the state is gone")
	}
}

// TestClose_CutsRequests checks that Close does not wait for a request whose body is
// still being sent.
func TestClose_CutsRequests(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(f.URL, "http://"), "/client/v4"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprint(conn, "POST /client/v4/user/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// The server asks for the body: the request is under way.
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("got %q, %v; want 100 Continue", line, err)
	}
	closed := make(chan struct{})
	go func() {
		f.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(3 * time.Second):
		t.Error("Close waits for a request under way")
		_ = conn.Close()
		<-closed
	}
	if n := len(f.Requests()); n != 0 {
		t.Errorf("%d requests were recorded, want none", n)
	}
}

func TestNewServer_SameIDs(t *testing.T) {
	t.Parallel()
	run := func() (ids []string) {
		f := newFake(t)
		for range 3 {
			created := f.create(policies(zoneRead), "")
			ids = append(ids, created.ID, created.Policies[0].ID)
		}
		return ids
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("ids differ:\n%s", diff)
	}
}

func TestRequests_NoCredentials(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Inject(faultOf("createToken", 500))
	f.do("POST", "/user/tokens?a=b&a=c%20d", createBody, "X-Auth-Key", "s3cret", "X-Auth-Email", "s3cret@example.com",
		"X-Auth-User-Service-Key", "s3cret", "Cookie", "a=s3cret", "Proxy-Authorization", "s3cret", "X-Other", "kept")
	created := f.create(policies(zoneRead), "")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
	var rolled string
	f.do("PUT", "/user/tokens/"+created.ID+"/value", "{}").ok(&rolled)

	got := f.Requests()
	text := fmt.Sprintf("%+v %s", got, encode(t, got))
	for _, secret := range []string{"s3cret", f.Token, created.Value, rolled, "Authorization"} {
		if strings.Contains(text, secret) {
			t.Errorf("the requests show %q", secret)
		}
	}
	want := cftokenstest.Request{
		Operation: "createToken", Method: "POST", Path: "/client/v4/user/tokens", Query: url.Values{"a": {"b", "c d"}},
		Header: http.Header{
			"X-Other": {"kept"}, "User-Agent": {"Go-http-client/1.1"}, "Accept-Encoding": {"gzip"},
			"Content-Length": {strconv.Itoa(len(createBody))},
		},
		Body: []byte(createBody),
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	got[0].Header.Set("X-Other", "changed")
	got[0].Query["a"][0] = "changed"
	got[0].Body[0] = 'x'
	if diff := cmp.Diff(want, f.Requests()[0]); diff != "" {
		t.Errorf("a change of what Requests returned reaches the server:\n%s", diff)
	}
}

func TestRequestLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		limit int
		want  []string
	}{
		{"none", 0, []string{}},
		{"negative", -1, []string{}},
		{"two", 2, []string{"/client/v4/3", "/client/v4/4"}},
		{"more than sent", 9, []string{"/client/v4/0", "/client/v4/1", "/client/v4/2", "/client/v4/3", "/client/v4/4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, cftokenstest.WithRequestLimit(tt.limit))
			for i := range 5 {
				f.do("GET", fmt.Sprint("/", i), "")
			}
			got := []string{}
			for _, r := range f.Requests() {
				got = append(got, r.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestServer_HidesValues(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	text := fmt.Sprintf("%+v %#v", f.Server, f.Tokens())
	if strings.Contains(text, created.Value) {
		t.Error("the server shows the value of a token")
	}
}

func TestNewClient(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	client, err := f.NewClient(cftokens.WithUserAgent("mine/1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if got := f.Requests()[0].Header.Get("User-Agent"); !strings.HasPrefix(got, "mine/1 ") {
		t.Errorf("User-Agent %q", got)
	}
	if _, err := f.NewClient(cftokens.WithBaseURL("x")); err == nil {
		t.Error("a bad option was taken")
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			body := fmt.Sprintf(`{"name":"%d","policies":%s}`, i, policies(zoneRead))
			var created token
			for range 5 {
				r, err := f.try("POST", "/user/tokens", body)
				if err != nil || r.status != 200 {
					t.Errorf("create: %v, status %d", err, r.status)
					return
				}
				var e struct{ Result token }
				if err := json.Unmarshal([]byte(r.body), &e); err != nil {
					t.Error(err)
					return
				}
				created = e.Result
				f.Inject(cftokenstest.Fault{Operation: "verifyToken", Delay: 1})
				for _, req := range []struct{ method, path, body string }{
					{"GET", "/user/tokens/verify", ""},
					{"GET", "/user/tokens", ""},
					{"PUT", "/user/tokens/" + created.ID, body},
					{"PUT", "/user/tokens/" + created.ID + "/value", "{}"},
					{"DELETE", "/user/tokens/" + created.ID, ""},
				} {
					if r, err := f.try(req.method, req.path, req.body); err != nil || r.status != 200 {
						t.Errorf("%s %s: %v, status %d", req.method, req.path, err, r.status)
					}
				}
				_, _, _ = f.Tokens(), f.Requests(), f.put("x", "")
			}
		})
	}
	wg.Wait()
	if n := len(f.Tokens()); n != 50 {
		t.Errorf("%d tokens, want the 50 that were put", n)
	}
}
