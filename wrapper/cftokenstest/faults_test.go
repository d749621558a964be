package cftokenstest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const createBody = `{"name":"n","policies":[{"effect":"allow","resources":{` + zone + `},"permission_groups":[{"id":"` + zoneRead + `"}]}]}`

func TestInject_Queue(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, fault := range []cftokenstest.Fault{
		{Operation: "listTokens", Status: 501},
		{Operation: "verifyToken", Status: 502},
		{Status: 503, Times: 2},
		{Operation: "listTokens", Status: 504},
		{Operation: "rollToken", Status: 505},
	} {
		f.Inject(fault)
	}
	var got []int
	for _, path := range []string{
		"/user/tokens/verify", "/user/tokens", "/user/tokens", "/zones", "/user/tokens", "/user/tokens", "/user/tokens/verify", "/zones",
	} {
		got = append(got, f.do("GET", path, "").status)
	}
	if diff := cmp.Diff([]int{502, 501, 503, 503, 504, 200, 200, 404}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	f.do("PUT", "/user/tokens/not-an-id/value", "")
	if requests := f.Requests(); len(requests) != 9 || requests[8].Operation != "rollToken" {
		t.Errorf("Requests() = %+v, want 9, the last of rollToken", requests)
	}
}

func TestFault_Drop(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  cftokenstest.Fault
		effect int
	}{
		{"before", cftokenstest.Fault{DropBefore: true}, 0},
		{"after", cftokenstest.Fault{DropAfter: true}, 1},
		{"before, whatever else", cftokenstest.Fault{DropBefore: true, DropAfter: true, Status: 200, TruncateAt: 1}, 0},
	} {
		for version, isDropped := range map[int]func(error) bool{
			1: func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
			2: func(err error) bool { return err != nil && strings.Contains(err.Error(), "INTERNAL_ERROR") },
		} {
			for way, newFake := range mounts {
				t.Run(fmt.Sprintf("%s/HTTP %d/%s", tt.name, version, way), func(t *testing.T) {
					t.Parallel()
					f := newFake(t)
					f.http = clientOf(t, version)
					f.Inject(tt.fault)
					if r, err := f.try("POST", "/user/tokens", createBody); !isDropped(err) {
						t.Errorf("POST on a new connection = %d, %v; want a drop", r.status, err)
					}
					for _, method := range []string{"POST", "GET"} {
						f.do("GET", "/user/tokens", "").ok(nil) // leaves a connection to reuse
						f.Inject(tt.fault)
						if r, err := f.try(method, "/user/tokens", createBody); !isDropped(err) {
							t.Errorf("%s on a reused connection = %d, %v; want a drop", method, r.status, err)
						}
					}
					if n := len(f.Tokens()); n != 2*tt.effect {
						t.Errorf("Tokens() has %d tokens, want %d", n, 2*tt.effect)
					}
					if n := len(f.Requests()); n != 5 {
						t.Errorf("Requests() has %d requests, want 5: none is replayed", n)
					}
				})
			}
		}
	}
}

// clientOf returns a client that speaks one version of HTTP.
func clientOf(t *testing.T, version int) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetUnencryptedHTTP2(version == 2)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestFault_Truncate(t *testing.T) {
	t.Parallel()
	for way, newFake := range mounts {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			testTruncate(t, newFake(t))
		})
	}
}

func testTruncate(t *testing.T, f *fake) {
	t.Helper()
	full := f.do("GET", "/user/tokens/verify", "").body
	for _, tt := range []struct {
		fault cftokenstest.Fault
		want  string
		err   error
	}{
		{fault: cftokenstest.Fault{TruncateAt: 0, Delay: time.Nanosecond}, want: full},
		{fault: cftokenstest.Fault{TruncateAt: -1}, err: io.ErrUnexpectedEOF},
		{fault: cftokenstest.Fault{TruncateAt: 1}, want: full[:1], err: io.ErrUnexpectedEOF},
		{fault: cftokenstest.Fault{TruncateAt: len(full) - 1}, want: full[:len(full)-1], err: io.ErrUnexpectedEOF},
		{fault: cftokenstest.Fault{TruncateAt: len(full)}, want: full},
		{fault: cftokenstest.Fault{TruncateAt: 3, Status: 502, Body: "0123456"}, want: "012", err: io.ErrUnexpectedEOF},
	} {
		f.Inject(tt.fault)
		r, err := f.try("GET", "/user/tokens/verify", "")
		if r.body != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("GET with %+v = %q, %v; want %q, %v", tt.fault, r.body, err, tt.want, tt.err)
		}
		if tt.err == nil || tt.fault.Status != 0 {
			continue
		}
		if got, want := r.header.Get("Content-Length"), strconv.Itoa(len(full)); got != want {
			t.Errorf("GET with %+v: Content-Length %q, want %s", tt.fault, got, want)
		}
	}
}

// TestFault_DelayEnds checks that a delay ends with the request, and when the fake is closed.
func TestFault_DelayEnds(t *testing.T) {
	t.Parallel()
	for _, closes := range []bool{false, true} {
		f := newMounted(t)
		f.Inject(cftokenstest.Fault{Delay: time.Hour})
		f.http.Timeout = 50 * time.Millisecond
		if closes {
			f.http.Timeout = 10 * time.Second
			go func() {
				for len(f.Requests()) == 0 {
					time.Sleep(time.Millisecond)
				}
				f.Close()
			}()
		}
		if r, err := f.try("POST", "/user/tokens", createBody); err == nil || os.IsTimeout(err) == closes || len(f.Tokens()) != 0 {
			t.Errorf("the fake is closed: %t: POST = %d, error %v with %d tokens, want an error, a timeout unless it is closed, and none", closes, r.status, err, len(f.Tokens()))
		}
	}
}

func TestInject_Invalid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for want, call := range map[string]func(){
		`cftokenstest: Inject: unknown operation "createTokens"; want one of createAccountToken, `: func() { f.Inject(cftokenstest.Fault{Operation: "createTokens"}) },
		"cftokenstest: Inject: -1 times":                                     func() { f.Inject(cftokenstest.Fault{Times: -1}) },
		"cftokenstest: Inject: 100 is not the status of a response":          func() { f.Inject(cftokenstest.Fault{Status: 100}) },
		"cftokenstest: ServerError: 499 is not a status of a server error; ": func() { cftokenstest.ServerError(499) },
		"cftokenstest: ServerError: 600 is not a status of a server error; ": func() { cftokenstest.ServerError(600) },
		"cftokenstest: RateLimited: negative Retry-After -1ns":               func() { cftokenstest.RateLimited(-1) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("panicked with %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}
