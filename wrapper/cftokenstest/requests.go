package cftokenstest

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// Request is a request that the server received.
type Request struct {
	Operation string // operationId of openapi.yaml; empty if the request matches none
	Method    string
	Path      string // as sent, with its escapes
	Query     url.Values
	Header    http.Header // without credentials
	Body      []byte
}

// newRequest keeps of r what may be printed: a test that fails prints its requests.
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
