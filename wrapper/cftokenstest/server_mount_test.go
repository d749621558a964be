package cftokenstest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// mounts lists the ways to serve the fake: by itself, and by ServeHTTP in another server.
var mounts = map[string]func(testing.TB, ...cftokenstest.Option) *fake{
	"by itself":             newFake,
	"mounted":               newMounted,
	"mounted in middleware": newWrapped,
}

// newMounted returns a fake mounted at /fake in another server, over HTTP/1 and HTTP/2.
func newMounted(t testing.TB, opts ...cftokenstest.Option) *fake {
	t.Helper()
	f := newFake(t, opts...)
	mux := http.NewServeMux()
	mux.Handle("/fake/", http.StripPrefix("/fake", f.Server))
	f.URL = serve(t, mux) + "/fake/client/v4"
	return f
}

// newWrapped returns a fake whose ResponseWriter is wrapped, as by middleware.
func newWrapped(t testing.TB, opts ...cftokenstest.Option) *fake {
	t.Helper()
	f := newFake(t, opts...)
	f.URL = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.ServeHTTP(wrapped{w}, r)
	})) + "/client/v4"
	return f
}

// wrapped has only the methods of the interface; http.ResponseController unwraps it.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func serve(t testing.TB, handler http.Handler) (url string) {
	t.Helper()
	api := httptest.NewUnstartedServer(handler)
	api.Config.Protocols = new(http.Protocols)
	api.Config.Protocols.SetHTTP1(true)
	api.Config.Protocols.SetUnencryptedHTTP2(true)
	api.Start()
	t.Cleanup(api.Close)
	return api.URL
}

// TestServeHTTP_StripPrefix checks that the paths below a prefix are those of Cloudflare.
func TestServeHTTP_StripPrefix(t *testing.T) {
	t.Parallel()
	f := newMounted(t)
	const path = "/client/v4/user/tokens/%2e%2e"
	f.do("GET", "/user/tokens/%2e%2e", "").rejected(400, 7003, "Could not route to "+path+", perhaps your object identifier is invalid?")
	if got := f.Requests()[0]; got.Operation != "getToken" || got.Path != path {
		t.Errorf("Requests() has %s %s, want getToken %s", got.Operation, got.Path, path)
	}
}

// TestServeHTTP_NoHijacking checks that a fault ends in http.ErrAbortHandler if the
// connection cannot be hijacked.
func TestServeHTTP_NoHijacking(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, fault := range []cftokenstest.Fault{{DropBefore: true}, {DropAfter: true}, {TruncateAt: 1}} {
		f.Inject(fault)
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/client/v4/user/tokens/verify", nil)
		r.Header.Set("Authorization", "Bearer "+f.Token)
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("ServeHTTP with %+v panicked with %v, want http.ErrAbortHandler", fault, err)
				}
			}()
			f.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
	w := httptest.NewRecorder()
	r, err := http.NewRequestWithContext(t.Context(), "GET", "/client/v4/zones", nil) // its body is nil, as that of a request for a client
	if err != nil {
		t.Fatal(err)
	}
	if f.ServeHTTP(w, r); w.Code != 404 {
		t.Errorf("ServeHTTP() of /client/v4/zones: status = %d, want 404", w.Code)
	}
}
