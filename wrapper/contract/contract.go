// Package contract checks HTTP exchanges against openapi.yaml, this module's description of
// Cloudflare's API token endpoints.
//
// The check is strict: it reports properties, query parameters, statuses and content types
// that the document does not contain, values that it does not allow, and what it requires
// and the exchange lacks. In a test, or in a gateway of an integration environment,
// [Transport] checks everything that a client sends and receives. It does not matter which
// client that is. [Check] checks a single exchange.
//
// # Secrets
//
// Requests and responses contain secrets, so a [Violation] never contains a value of a
// header, a parameter or a body. Keys of maps, such as names of resources, appear as "*" in
// its Path. The name of a property or parameter that the document does not contain appears
// if it has at most 31 characters, all of them letters, digits, "_" or ".", and begins with
// a letter; otherwise, it appears as "*".
//
// # Bodies
//
// A body is checked if it is JSON or gzipped JSON, is complete, and is not longer than 16
// MiB. If it is longer or has another encoding, this is reported as a violation.
package contract

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// maxBody is the length of the longest body that is kept for a check.
const maxBody = 16 << 20

// A Violation is a difference between an exchange and openapi.yaml.
type Violation struct {
	Operation string // operationId in openapi.yaml; empty if the request is for no operation in it
	Status    int    // of the response; 0 if the request violates openapi.yaml
	Path      string // a JSON pointer into the body, or a part of the message such as "query per_page"
	Problem   string // such as "is not in the document"; not a stable text
}

// String returns a line such as "listTokens: response 200: /result/0/id: is missing".
func (v Violation) String() string { return strict.Violation(v).String() }

// Check returns the violations in a request and its response, or only those in the request
// if resp is nil. The operation is found by the end of the path, whatever its host and
// prefix.
//
// Check reads the bodies and restores them, except that it reads the result of
// req.GetBody, if that is set, instead of req.Body. They must not have been read before.
func Check(req *http.Request, resp *http.Response) []Violation {
	sent := &req.Body
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			body = io.NopCloser(failed{err})
		}
		defer body.Close()
		sent = &body
	}
	data, problem := restore(sent)
	if len(data) == 0 && req.ContentLength > 0 && problem == "" {
		problem = "was read before, so it was not checked"
	}
	var received strict.Body
	if resp != nil {
		received.Data, received.Problem = restore(&resp.Body)
		received = decoded(received, resp.Header)
	}
	return check(req, decoded(strict.Body{Data: data, Problem: problem}, req.Header), resp, received)
}

func check(req *http.Request, sent strict.Body, resp *http.Response, received strict.Body) []Violation {
	var violations []Violation
	for _, v := range strict.Default().Check(req, sent, resp, received) {
		violations = append(violations, Violation(v))
	}
	return violations
}

// restore reads *body, replaces it with a reader of the same bytes, and returns what is to
// be checked.
func restore(body *io.ReadCloser) (data []byte, problem string) {
	if *body == nil || *body == http.NoBody {
		return nil, ""
	}
	data, err := io.ReadAll(io.LimitReader(*body, maxBody+1))
	rest := io.Reader(*body)
	if err != nil {
		rest, problem = failed{err}, "cannot be read"
	}
	*body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), rest), *body}
	return data, problem
}

// failed is a reader of a body that cannot be read.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// decoded returns a body without its Content-Encoding.
func decoded(body strict.Body, header http.Header) strict.Body {
	if body.Problem != "" || body.Unknown || len(body.Data) == 0 {
		return body
	}
	switch header.Get("Content-Encoding") {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(bytes.NewReader(body.Data))
		if err == nil {
			body.Data, err = io.ReadAll(io.LimitReader(unzipped, maxBody+1))
		}
		if err != nil {
			body.Problem = "is not gzip"
		}
	default:
		body.Problem = "has an unknown Content-Encoding, so it was not checked"
	}
	if len(body.Data) > maxBody {
		body.Problem = "is longer than 16 MiB, so it was not checked"
	}
	return body
}
