package cftokens_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// transportFaults are ways in which the HTTP client of a caller may mislead this package.
// Each happens to a request that the API carries out.
var transportFaults = map[string]func(*soakTransport, *http.Request) (*http.Response, error){
	"sent again by the transport":        (*soakTransport).sendAgain,
	"transport that reports nothing":     (*soakTransport).sendSilently,
	"transport with requests of its own": (*soakTransport).sendOwn,
	"REFUSED_STREAM after effect":        (*soakTransport).refuse,
	"101 after effect":                   (*soakTransport).switchProtocols,
}

// soakTransport applies the faults that are wanted.
type soakTransport struct {
	http.RoundTripper

	other  *httptest.Server // not the API
	faults map[string]*resets
}

func newSoakTransport(base http.RoundTripper, other *httptest.Server) *soakTransport {
	s := &soakTransport{base, other, map[string]*resets{}}
	for kind := range transportFaults {
		s.faults[kind] = new(resets)
	}
	return s
}

func (s *soakTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	for kind, fault := range s.faults {
		if fault.take() {
			return transportFaults[kind](s, req)
		}
	}
	return s.RoundTripper.RoundTrip(req)
}

// lose sends req and drops the response.
func (s *soakTransport) lose(req *http.Request) {
	if resp, err := s.RoundTripper.RoundTrip(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// buffered returns copies of req, which can be sent one after the other.
func buffered(req *http.Request) func(context.Context) *http.Request {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	return func(ctx context.Context) *http.Request {
		again := req.Clone(ctx)
		if body != nil {
			again.Body = io.NopCloser(bytes.NewReader(body))
		}
		return again
	}
}

func (s *soakTransport) sendAgain(req *http.Request) (*http.Response, error) {
	again := buffered(req)
	s.lose(again(req.Context()))
	return s.RoundTripper.RoundTrip(again(req.Context()))
}

// silent is a context without values, and so without a trace.
type silent struct{ context.Context }

func (silent) Value(any) any { return nil }

// sendSilently fails to connect when it tries again.
func (s *soakTransport) sendSilently(req *http.Request) (*http.Response, error) {
	s.lose(buffered(req)(silent{req.Context()})) //nolint:contextcheck // that is the fault
	return nil, errDial
}

func (s *soakTransport) sendOwn(req *http.Request) (*http.Response, error) {
	own := func(ctx context.Context) error {
		get, err := http.NewRequestWithContext(ctx, http.MethodGet, s.other.URL, nil)
		if err != nil {
			return err
		}
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(get)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	before := own(req.Context())
	again := buffered(req)
	if err := errors.Join(before, own(req.Context())); err != nil {
		return nil, err
	}
	return s.RoundTripper.RoundTrip(again(req.Context()))
}

func (s *soakTransport) refuse(req *http.Request) (*http.Response, error) {
	s.lose(req)
	return nil, errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] " +
		"after Request.Body was written; define Request.GetBody to avoid this error")
}

// switchProtocols returns a response whose body ends only when it is closed.
func (s *soakTransport) switchProtocols(req *http.Request) (*http.Response, error) {
	s.lose(req)
	r, w := io.Pipe()
	return &http.Response{
		StatusCode: http.StatusSwitchingProtocols, Status: "101 Switching Protocols", Header: http.Header{}, Request: req,
		Body: struct {
			io.ReadCloser
			io.Writer
		}{r, w},
	}, nil
}
