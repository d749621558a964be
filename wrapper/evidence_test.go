package cftokens_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// created is a successful response to a Create.
var created = success(strings.Replace(tokenJSON, "{", `{"value":"`+tokenValue+`",`, 1))

// newClientWith returns a client that sends requests to url through a transport, with up
// to 2 retries.
func newClientWith(t *testing.T, url string, transport http.RoundTripper) *cftokens.Client {
	t.Helper()
	client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(url), cftokens.WithHTTPClient(&http.Client{Transport: transport}),
		cftokens.WithRetryPolicy(retries(2)))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// retrying is a transport that buffers the body of a request and sends it again after a
// failure, as go-retryablehttp does.
type retrying struct {
	http.RoundTripper

	context func(context.Context) context.Context
}

func (r retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	for n := 0; ; n++ {
		again := req.Clone(r.context(req.Context()))
		again.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := r.RoundTripper.RoundTrip(again)
		if err == nil && resp.StatusCode < 500 || n == 3 {
			return resp, err
		}
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
}

// TestCreate_RetryingTransport checks a transport that sends a request again: it is stopped
// if it keeps the context, and otherwise the second token is not hidden.
func TestCreate_RetryingTransport(t *testing.T) {
	t.Parallel()
	for _, p := range []protocol{1, 2} {
		for name, fail := range map[string]func(*exchange){
			"connection lost": func(x *exchange) { _ = x.Close() },
			"status 502":      func(x *exchange) { x.reply(http.StatusBadGateway, "<html>") },
		} {
			for _, stoppable := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/stoppable: %v", p, name, stoppable), func(t *testing.T) {
					t.Parallel()
					server := newRawServer(t, p, func(x *exchange) {
						if x.n == 1 {
							fail(x)
							return
						}
						x.reply(http.StatusOK, created)
					})
					keep := func(ctx context.Context) context.Context { return ctx }
					if !stoppable {
						keep = context.WithoutCancel
					}
					transport := p.transport()
					client := newClientWith(t, "http://"+server.listener.Addr().String(), retrying{transport, keep})
					token, err := client.Create(t.Context(), tokenCreate())
					checkUnknown(t, "Create()", err, true)
					want := 2
					if stoppable {
						want = 1
						checkError(t, "Create()", err, nil, "tried to send the request again")
					} else {
						checkCreated(t, "Create()", token)
						checkError(t, "Create()", err, nil, "another token may have been created")
					}
					if n := len(server.stop(transport)); n != want {
						t.Errorf("Create() sent %d requests, want %d", n, want)
					}
				})
			}
		}
	}
}

// TestCreate_Tee checks a transport that sends a request again with the part of the body
// that was read before.
func TestCreate_Tee(t *testing.T) {
	t.Parallel()
	server := newRawServer(t, 1, func(x *exchange) {
		if x.n == 1 {
			_ = x.Close()
			return
		}
		x.reply(http.StatusOK, created)
	})
	transport := protocol(1).transport()
	tee := roundTripper(func(req *http.Request) (*http.Response, error) {
		var sent bytes.Buffer
		first := req.Clone(req.Context())
		first.Body = io.NopCloser(io.TeeReader(req.Body, &sent))
		resp, err := transport.RoundTrip(first)
		if err == nil {
			return resp, nil
		}
		second := req.Clone(req.Context())
		second.Body = io.NopCloser(io.MultiReader(&sent, req.Body))
		return transport.RoundTrip(second)
	})
	_, err := newClientWith(t, "http://"+server.listener.Addr().String(), tee).Create(t.Context(), tokenCreate())
	checkUnknown(t, "Create()", err, true)
	if n := len(server.stop(transport)); n != 1 {
		t.Errorf("Create() sent %d requests, want 1", n)
	}
}

// TestRoll_HeadersAlone checks a server that carries out a roll when it has the headers,
// and closes the connection: the transport has read nothing of the body.
func TestRoll_HeadersAlone(t *testing.T) {
	t.Parallel()
	var rolls atomic.Int64
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			var headers []byte
			for b := make([]byte, 1); !bytes.HasSuffix(headers, []byte("\r\n\r\n")); headers = append(headers, b...) {
				if _, err := conn.Read(b); err != nil {
					break
				}
			}
			rolls.Add(1)
			_ = conn.Close()
		}
	}()
	base := &http.Transport{ExpectContinueTimeout: time.Minute}
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Header.Set("Expect", "100-continue")
		return base.RoundTrip(req)
	})
	_, err = newClientWith(t, "http://"+listener.Addr().String(), transport).Roll(t.Context(), tokenID)
	checkUnknown(t, "Roll()", err, true)
	if n := rolls.Load(); n != 1 {
		t.Errorf("Roll() rolled the token %d times, want once", n)
	}
}

// TestSwitchingProtocols checks that a response with status 101, whose body is the
// connection, ends every call.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		_ = rw.Flush()
		_, _ = io.Copy(io.Discard, conn) // until the client closes the connection
	}))
	t.Cleanup(server.Close)
	client := newClientWith(t, server.URL, &http.Transport{})
	for operation, call := range everyCall {
		done := make(chan error, 1)
		go func() { done <- call(t, client) }()
		select {
		case err := <-done:
			if got := asError[*cftokens.APIError](t, operation, err).StatusCode; got != http.StatusSwitchingProtocols {
				t.Errorf("%s error has status %d, want 101", operation, got)
			}
			checkUnknown(t, operation, err, changes(operation))
		case <-time.After(5 * time.Second):
			t.Errorf("%s did not return", operation)
		}
	}
}

// TestGet_HTTP2Storm checks that reads that net/http itself repeats are limited.
func TestGet_HTTP2Storm(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*exchange){
		"GOAWAY naming stream 0":    func(x *exchange) { x.goAway(0, noError) },
		"RST_STREAM PROTOCOL_ERROR": func(x *exchange) { x.reset(protocolError) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const most = 3 * 4 // attempts and connections
			server := newRawServer(t, 2, func(x *exchange) {
				if x.n > most { // no limit: end the storm
					x.reply(http.StatusOK, success(tokenJSON))
					return
				}
				fail(x)
			})
			client, transport := server.client(t, 0, retries(2))
			_, err := client.Get(t.Context(), tokenID)
			if err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("Get() error = %v, want that of the connection", err)
			}
			if n := len(server.stop(transport)); n > most {
				t.Errorf("Get() sent %d requests, want at most %d", n, most)
			}
		})
	}
}

// TestCreate_OwnRequests checks a transport that sends requests of its own, in the context
// of the request, with and without a proxy.
func TestCreate_OwnRequests(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, created)
	}))
	t.Cleanup(api.Close)
	session := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(session.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RequestURI = ""
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, proxied := range []bool{false, true} {
		for _, before := range []bool{false, true} {
			t.Run(fmt.Sprintf("proxy: %v, before the body is buffered: %v", proxied, before), func(t *testing.T) {
				t.Parallel()
				base := &http.Transport{}
				if proxied {
					base.Proxy = http.ProxyURL(proxyURL)
				}
				transport := roundTripper(func(req *http.Request) (*http.Response, error) {
					own := func(ctx context.Context) {
						for range 6 {
							get, err := http.NewRequestWithContext(ctx, http.MethodGet, session.URL, nil)
							if err != nil {
								t.Error(err)
								return
							}
							resp, err := base.RoundTrip(get)
							if err != nil {
								t.Error(err)
								return
							}
							_ = resp.Body.Close()
						}
					}
					if before {
						own(req.Context())
					}
					if req.Body != nil {
						body, err := io.ReadAll(req.Body)
						if err != nil {
							return nil, err
						}
						req = req.Clone(req.Context())
						req.Body = io.NopCloser(bytes.NewReader(body))
					}
					if !before {
						own(req.Context())
					}
					return base.RoundTrip(req)
				})
				client := newClientWith(t, api.URL, transport)
				token, err := client.Create(t.Context(), tokenCreate())
				if err != nil {
					t.Fatalf("Create() error = %v", err)
				}
				checkCreated(t, "Create()", token)
				if err := client.Delete(t.Context(), tokenID); err != nil {
					t.Errorf("Delete() error = %v", err)
				}
			})
		}
	}
}

// TestRoll_Proxy checks that requests through a proxy are watched, too: httptrace reports
// the proxy's address, not the API's.
func TestRoll_Proxy(t *testing.T) {
	t.Parallel()
	var rolls atomic.Int64
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if rolls.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, success(`"`+tokenValue+`"`))
	}))
	api.Config.ErrorLog = discardLog
	api.StartTLS()
	t.Cleanup(api.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", api.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := api.Client().Transport.(*http.Transport).Clone()
	transport.Proxy, transport.DialContext = http.ProxyURL(proxyURL), nil
	keep := func(ctx context.Context) context.Context { return ctx }
	_, err = newClientWith(t, "https://example.com", retrying{transport, keep}).Roll(t.Context(), tokenID)
	checkUnknown(t, "Roll()", err, true)
	if n := rolls.Load(); n != 1 {
		t.Errorf("Roll() rolled the token %d times, want once", n)
	}
	// TLS does not know the name of a host that is an address.
	rolls.Store(0)
	_, err = newClientWith(t, "https://127.0.0.1", retrying{transport, keep}).Roll(t.Context(), tokenID)
	checkUnknown(t, "Roll() at an address:", err, true)
}

// TestCreate_ConcurrentRequests checks that a second send is noticed even if the transport
// sends requests of its own at the same time.
func TestCreate_ConcurrentRequests(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	var creates atomic.Int64
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if creates.Add(1)%2 == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, created)
	}))
	t.Cleanup(api.Close)
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		var own sync.WaitGroup
		defer own.Wait()
		for range 3 {
			own.Go(func() {
				get, err := http.NewRequestWithContext(req.Context(), http.MethodGet, other.URL, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if resp, err := base.RoundTrip(get); err == nil {
					_ = resp.Body.Close()
				}
			})
		}
		keep := func(ctx context.Context) context.Context { return ctx }
		return retrying{base, keep}.RoundTrip(req)
	})
	client := newClientWith(t, api.URL, transport)
	for range 50 {
		before := creates.Load()
		_, err := client.Create(t.Context(), tokenCreate())
		checkUnknown(t, "Create()", err, true)
		if creates.Load()%2 == 1 { // stopped after the first send
			creates.Add(1)
		}
		if n := creates.Load() - before; n != 2 {
			t.Fatalf("Create() sent %d requests, want 1 or 2", n)
		}
	}
}

// TestCreate_RewrittenHeaders checks that a second send is noticed if a transport sends
// requests to another host, with another User-Agent and credential.
func TestCreate_RewrittenHeaders(t *testing.T) {
	t.Parallel()
	for _, p := range []protocol{1, 2} {
		server := newRawServer(t, p, func(x *exchange) {
			if x.n == 1 {
				x.reply(http.StatusBadGateway, "<html>")
				return
			}
			x.reply(http.StatusOK, created)
		})
		base := p.transport()
		transport := roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.URL.Host, req.Host = server.listener.Addr().String(), "gateway.example"
			req.Header.Set("User-Agent", "gateway/1")
			req.Header.Set("Authorization", "Bearer gateway")
			return retrying{base, context.WithoutCancel}.RoundTrip(req)
		})
		_, err := newClientWith(t, "http://127.0.0.2:9", transport).Create(t.Context(), tokenCreate())
		checkUnknown(t, p.String()+": Create()", err, true)
		server.stop(base)
	}
}

// TestCreate_BodyAfterAttempt checks that a transport cannot read the body when the attempt
// has ended, and send it then.
func TestCreate_BodyAfterAttempt(t *testing.T) {
	t.Parallel()
	var body io.ReadCloser
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		body = req.Body
		return nil, errDial
	})
	_, err := newClientWith(t, "https://api.example", transport).Create(t.Context(), tokenCreate())
	checkUnknown(t, "Create()", err, false)
	if data, err := io.ReadAll(body); err == nil || len(data) > 0 {
		t.Errorf("ReadAll() = %q, %v; want nothing and an error", data, err)
	}
}

// repeatingBody sends the request again when it is read, in the context of the request.
type repeatingBody struct{ ctx context.Context }

func (b repeatingBody) Read([]byte) (int, error) {
	httptrace.ContextClientTrace(b.ctx).GetConn("api.example:443")
	return 0, b.ctx.Err()
}

// TestCreate_StoppedWhileReading checks that an attempt that is stopped while its response is
// read does not look like one that the caller has canceled.
func TestCreate_StoppedWhileReading(t *testing.T) {
	t.Parallel()
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		httptrace.ContextClientTrace(req.Context()).WroteHeaders()
		resp := response(http.StatusOK, "")
		resp.Body = io.NopCloser(repeatingBody{req.Context()})
		return resp, nil
	})
	_, err := newClientWith(t, "https://api.example", transport).Create(t.Context(), tokenCreate())
	checkError(t, "Create()", err, cftokens.ErrOutcomeUnknown, "tried to send the request again")
	if errors.Is(err, context.Canceled) {
		t.Errorf("Create() error = %v, want one that does not match context.Canceled", err)
	}
}

// TestRoll_StoppedBeforeSending checks that the outcome of an attempt that was stopped because
// of its connections is unknown: net/http may still be writing the headers.
func TestRoll_StoppedBeforeSending(t *testing.T) {
	t.Parallel()
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(req.Context())
		for req.Context().Err() == nil {
			trace.GetConn("api.example:443")
			trace.GotConn(httptrace.GotConnInfo{})
		}
		return nil, req.Context().Err()
	})
	_, err := newClientWith(t, "https://api.example", transport).Roll(t.Context(), tokenID)
	checkError(t, "Roll()", err, cftokens.ErrOutcomeUnknown, "the connection failed repeatedly")
}

// writerBody is a body that can also be written to, as some transports return.
type writerBody struct{ *bytes.Buffer }

func (writerBody) Close() error { return nil }

func TestCreate_WriterBody(t *testing.T) {
	t.Parallel()
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body)
		resp := response(http.StatusOK, "")
		resp.Body, resp.ContentLength, resp.Request = writerBody{bytes.NewBufferString(created)}, -1, req
		return resp, nil
	})
	token, err := newClientWith(t, "https://api.example", transport).Create(t.Context(), tokenCreate())
	if err != nil {
		t.Fatalf("Create() error = %v", err)
	}
	checkCreated(t, "Create()", token)
}

// TestCreate_NoConnection checks errors that say that no connection was made: they name the
// proxy or the certificate, and are retried only if that may help.
func TestCreate_NoConnection(t *testing.T) {
	t.Parallel()
	refuse := func(status string) (string, *atomic.Int64) {
		requests := new(atomic.Int64)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			conn, rw, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = rw.WriteString("HTTP/1.1 " + status + "\r\n\r\n")
			_ = rw.Flush()
			_ = conn.Close()
		}))
		t.Cleanup(proxy.Close)
		return proxy.URL, requests
	}
	for status, attempts := range map[string]int64{"403 Forbidden": 1, "407 Proxy Authentication Required": 1, "502 Bad Gateway": 3, "403 \x1b[31mNo \xff" + credential: 3} {
		address, requests := refuse(status)
		proxyURL, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = newClientWith(t, "https://api.example", &http.Transport{Proxy: http.ProxyURL(proxyURL)}).Create(t.Context(), tokenCreate())
		checkError(t, status+": Create()", err, nil, "no connection to "+proxyURL.Host+": ")
		checkUnknown(t, status+": Create()", err, false)
		checkNoLeak(t, status+": Create()", err, credential, "\x1b", "\xff")
		if n := requests.Load(); n != attempts {
			t.Errorf("%s: Create() made %d attempts, want %d", status, n, attempts)
		}
	}

	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Config.ErrorLog = discardLog
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newClientWith(t, server.URL, &http.Transport{TLSClientConfig: &tls.Config{ServerName: "example.com"}}).Create(t.Context(), tokenCreate())
	checkError(t, "unknown authority: Create()", err, nil, "no connection: tls: failed to verify certificate")
	checkUnknown(t, "unknown authority: Create()", err, false)
	_ = asError[*tls.CertificateVerificationError](t, "unknown authority: Create()", err)
	if n := connections.Load(); n != 1 {
		t.Errorf("unknown authority: Create() made %d connections, want 1", n)
	}
}

// TestOutcome_Proof checks which error responses prove that a request was not carried out.
func TestOutcome_Proof(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		proof  bool
	}{
		{"envelope", 400, apiError("1001", "no"), true},
		{"envelope without messages and result", 405, `{"success":false,"errors":[{"code":10000,"message":"no"}]}`, true},
		{"envelope without entries", 403, `{"success":false,"errors":[]}`, true},
		{"envelope with a redirect", 307, apiError("1", "no"), true},
		{"envelope with 429", 429, apiError("971", "wait"), true},
		{"edge", 403, `{"type":"https://developers.cloudflare.com/support/1020","title":"Error 1020","status":403,"error_code":1020}`, true},
		{"edge with a Ray ID", 429, `{"error_code":1015,"ray_id":"8f1e2d3c4b5a6978"}`, true},
		{"status about the request", 411, "<html>", true},
		{"errors are null", 403, `{"success":false,"errors":null}`, false},
		{"errors are missing", 403, `{"success":false}`, false},
		{"success is true", 400, success("null"), false},
		{"error code that is not an integer", 403, `{"error_code":"1020","ray_id":"8f1e2d3c4b5a6978"}`, false},
		{"error code alone", 403, `{"error_code":1020}`, false},
		{"problem JSON of another server", 403, `{"type":"about:blank","title":"Forbidden","status":403}`, false},
		{"JSON that is not an envelope", 405, `{"code":1001,"error":"method_not_allowed"}`, false},
		{"HTML", 403, "<html>", false},
		{"envelope in HTML", 403, "<html>" + apiError("1", "no"), false},
		{"empty", 404, "", false},
		{"redirect", 307, "", false},
		{"success false without errors", 200, `{"success":false}`, false},
		{"server error with an envelope", 500, apiError("1", "no"), false},
		{"edge with a server error", 522, `{"error_code":522,"ray_id":"8f1e2d3c4b5a6978"}`, false},
	} {
		for _, operation := range []string{"createToken", "rollToken", "updateToken"} {
			err := everyCall[operation](t, newClient(t, respond(tt.status, tt.body)))
			call := tt.name + ": " + operation
			if got := asError[*cftokens.APIError](t, call, err).StatusCode; got != tt.status {
				t.Errorf("%s error has status %d, want %d", call, got, tt.status)
			}
			checkUnknown(t, call, err, !tt.proof)
		}
		for _, operation := range []string{"getToken", "listTokens", "verifyToken"} {
			checkUnknown(t, tt.name+": "+operation, everyCall[operation](t, newClient(t, respond(tt.status, tt.body))), false)
		}
	}
}
