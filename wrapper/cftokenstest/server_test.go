package cftokenstest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestWithListener(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", ":0"} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		f := newFake(t, cftokenstest.WithListener(l))
		if want := fmt.Sprintf("http://127.0.0.1:%d/client/v4", l.Addr().(*net.TCPAddr).Port); f.URL != want {
			t.Errorf("%s: URL = %q, want %q", addr, f.URL, want)
		}
		f.do("GET", "/user/tokens/verify", "").ok(nil)
		f.Close()
		if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
			_ = conn.Close()
			t.Errorf("%s: Dial() after Close() succeeded, want an error", addr)
		}
	}
}

// TestClose_OpenRequest checks that Close does not wait for a request whose body is still
// being sent.
func TestClose_OpenRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	body, sent := io.Pipe()
	t.Cleanup(func() { _ = sent.Close() })
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", f.URL+"/user/tokens", body)
		req.Header.Set("Expect", "100-continue")
		_, _ = transport.RoundTrip(req)
	}()
	_, _ = sent.Write([]byte("{")) // returns when the server has asked for the body
	closed := make(chan struct{})
	go func() {
		f.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(3 * time.Second):
		t.Error("Close() waits for a request, want it to return")
		_ = sent.Close()
		<-closed
	}
	if n := len(f.Requests()); n != 0 {
		t.Errorf("Requests() has %d requests, want none", n)
	}
}

func TestNewServer_SameIDs(t *testing.T) {
	t.Parallel()
	run := func() []string {
		f := newFake(t)
		created := f.create(policies(zoneRead), "")
		return []string{f.AccountID, created.ID, created.Policies[0].ID, f.create(policies(zoneRead), "").ID}
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("IDs of two servers (-first +second):\n%s", diff)
	}
}

func TestServer_HidesValues(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	text := fmt.Sprintf("%+v %#v", f.Server, f.Tokens())
	if strings.Contains(text, created.Value) {
		t.Error("the server or Tokens() printed contains the value of a token, want it hidden")
	}
}

func TestServer_AccountID(t *testing.T) {
	t.Parallel()
	f := newFake(t, cftokenstest.WithAccountID(otherAccount))
	f.do("GET", "/accounts/"+otherAccount+"/tokens", "").ok(nil)
	defer func() {
		if got, want := recover(), `cftokenstest: WithAccountID: "x" is not 32 hexadecimal digits`; got != want {
			t.Errorf("NewServer() panicked with %v, want %q", got, want)
		}
	}()
	cftokenstest.NewServer(cftokenstest.WithAccountID("x"))
}

func TestServer_Token(t *testing.T) {
	t.Parallel()
	f := newFake(t, cftokenstest.WithToken(unknownValue))
	if f.Token != unknownValue {
		t.Errorf("Token = %q, want %q", f.Token, unknownValue)
	}
	var verified, own token
	f.do("GET", "/user/tokens/verify", "").ok(&verified)
	f.do("GET", "/user/tokens/"+verified.ID, "").ok(&own)
	if names, _ := f.list("/user/tokens"); !slices.Equal(names, []string{ownName}) || own.Name != ownName {
		t.Errorf("tokens = %q, want only the own token, %q", names, own.Name)
	}
	if got := f.Tokens(); len(got) != 0 {
		t.Errorf("Tokens() = %+v, want none", got)
	}

	var value string
	f.do("PUT", "/user/tokens/"+own.ID+"/value", "{}").ok(&value)
	f.do("GET", "/user/tokens", "").rejected(401, 10000, "Authentication error")
	f.do("GET", "/user/tokens", "", as(value)...).ok(nil)
	client, err := f.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Verify(t.Context()); err != nil {
		t.Errorf("Verify() of a client created after the roll: error = %v", err)
	}
	f.do("DELETE", "/user/tokens/"+own.ID, "", as(value)...).ok(nil)
	f.do("GET", "/user/tokens/verify", "", as(value)...).rejected(401, 1000, "Invalid API Token")
}
