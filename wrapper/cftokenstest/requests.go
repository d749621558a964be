package cftokenstest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// A Request is a request that the server received.
type Request struct {
	Operation string // operationId of openapi.yaml; empty if the request matches none
	Method    string
	Path      string // as sent, with its escapes
	Query     url.Values
	Header    http.Header // without credentials
	Body      []byte
}

// newRequest returns the parts of r that may be printed: failing tests print requests.
func newRequest(op *gen.Operation, r *http.Request, body []byte) Request {
	header := r.Header.Clone()
	maps.DeleteFunc(header, func(name string, _ []string) bool {
		return name == "Authorization" || name == "Proxy-Authorization" || name == "Cookie" || strings.HasPrefix(name, "X-Auth-")
	})
	var operation string
	if op != nil {
		operation = op.ID
	}
	return Request{
		Operation: operation,
		Method:    r.Method,
		Path:      r.URL.EscapedPath(),
		Query:     r.URL.Query(),
		Header:    header,
		Body:      body,
	}
}

func (r Request) clone() Request {
	r.Header = r.Header.Clone()
	r.Body = bytes.Clone(r.Body)
	r.Query = maps.Clone(r.Query)
	for name, values := range r.Query {
		r.Query[name] = slices.Clone(values)
	}
	return r
}

// record stores a request, takes the fault that applies to it, if any, and generates a Ray
// ID in Cloudflare's format: 16 digits and an airport code, here one that does not exist.
func (s *Server) record(r Request) (fault Fault, ray string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	s.requests = slices.Delete(s.requests, 0, max(len(s.requests)-s.keep, 0))
	s.served++
	return s.takeFault(r.Operation), fmt.Sprintf("%016x-XXX", s.served*0x9e3779b97f4a7c15)
}

// Requests returns the requests received, in order, including those that a fault applied
// to. See [WithRequestLimit].
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := slices.Clone(s.requests)
	for i := range requests {
		requests[i] = requests[i].clone()
	}
	return requests
}
