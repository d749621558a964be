package cftokenstest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// A Fault describes how a request fails, for [Server.Inject]. Fields combine: first the
// delay, then a drop or a response.
type Fault struct {
	// Operation is the operationId in openapi.yaml that the fault applies to, such as
	// createToken or createAccountToken. If it is empty, the fault applies to any request.
	Operation string
	// Times is the number of requests that the fault applies to; 0 means one.
	Times int

	// Delay is how long to wait first. The wait ends early if the client disconnects or the
	// server is closed.
	Delay time.Duration

	// Status, Header and Body are returned instead of carrying out the operation, if any of
	// them is set. The default of Status is 200. If an error status is set without Body, the
	// body is the one that the API or its gateway sends with that status, usually an
	// envelope. Header is added to the headers of every response; a name without values
	// removes a header.
	Status int
	Header http.Header
	Body   string

	// DropBefore closes the connection without a response, and without effect. The
	// client gets io.ErrUnexpectedEOF. Over HTTP/2, the stream is reset instead.
	DropBefore bool
	// DropAfter carries out the operation and loses its response: the connection is
	// closed as by DropBefore, or, with Status, Header or Body, these are returned.
	DropAfter bool
	// TruncateAt truncates the response body after that many bytes, and then closes the
	// connection or, over HTTP/2, resets the stream. Content-Length is the length of the
	// full body. 0 truncates nothing; -1 removes the whole body.
	TruncateAt int

	tokenLimit bool // set by TokenLimitReached
}

// RateLimited returns a fault that responds with 429, code 971, and a Retry-After of
// retryAfter in seconds, rounded up. It panics if retryAfter is negative.
func RateLimited(retryAfter time.Duration) Fault {
	if retryAfter < 0 {
		panic(fmt.Sprintf("cftokenstest: RateLimited: negative Retry-After %s", retryAfter))
	}
	seconds := strconv.Itoa(int(math.Ceil(retryAfter.Seconds())))
	return Fault{Status: http.StatusTooManyRequests, Header: http.Header{
		"Retry-After": {seconds}, "Ratelimit": {`"default";r=0;t=` + seconds},
	}}
}

// ServerError returns a fault that responds with status as Cloudflare does: a page of
// HTML with 502, plain text with 503 and 504 (all observed), and an envelope with any
// other status (inferred). The operation is not carried out unless [Fault.DropAfter] is
// set. ServerError panics if status is not in the range 500 to 599.
func ServerError(status int) Fault {
	if status < 500 || status > 599 {
		panic(fmt.Sprintf("cftokenstest: ServerError: %d is not a status of a server error; use a Fault with that Status", status))
	}
	return Fault{Status: status}
}

// TokenLimitReached returns a fault that rejects the creation of a user or account token
// as the API does when the quota is used up: with 400, code 1001, and the quota in the
// message. It applies to no other operation; to limit it to one of the two, set
// [Fault.Operation].
func TokenLimitReached() Fault {
	return Fault{Status: http.StatusBadRequest, tokenLimit: true}
}

// Inject queues f for upcoming requests. Each request consumes the first queued fault
// that applies to its operation. Inject panics if f is invalid: if Operation does not
// exist, Times is negative, or Status is not in the range 200 to 599.
func (s *Server) Inject(f Fault) {
	switch {
	case f.Operation != "" && handlers[f.Operation] == nil:
		panic(fmt.Sprintf("cftokenstest: Inject: unknown operation %q; want one of %s", f.Operation,
			strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")))
	case f.Times < 0:
		panic(fmt.Sprintf("cftokenstest: Inject: %d times", f.Times))
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		panic(fmt.Sprintf("cftokenstest: Inject: %d is not the status of a response", f.Status))
	}
	f.Times = max(f.Times, 1)
	f.Header = f.Header.Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// takeFault returns the fault that applies to a request, or the zero Fault if there is
// none.
func (s *Server) takeFault(operation string) Fault {
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.appliesTo(operation) })
	if i < 0 {
		return Fault{}
	}
	fault := s.faults[i]
	s.faults[i].Times--
	if s.faults[i].Times == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	return fault
}

func (f Fault) appliesTo(operation string) bool {
	if f.Operation == "" && f.tokenLimit {
		return operation == gen.OpCreateToken.ID || operation == gen.OpCreateAccountToken.ID
	}
	return f.Operation == "" || f.Operation == operation
}

// response returns what the fault responds with instead of the operation, or nil.
func (f Fault) response(r *http.Request, op *gen.Operation) *response {
	if f.Status == 0 && len(f.Header) == 0 && f.Body == "" {
		return nil
	}
	instead := &response{status: cmp.Or(f.Status, http.StatusOK), header: make(http.Header), body: []byte(f.Body)}
	switch {
	case f.Body != "" || f.Status < 400:
	case f.tokenLimit && op == gen.OpCreateAccountToken:
		instead = quotaReached(accountQuota)
	case f.tokenLimit:
		instead = quotaReached(userQuota)
	default:
		instead = usualError(f.Status, r, op)
	}
	for name, values := range f.Header {
		instead.header[http.CanonicalHeaderKey(name)] = values
	}
	return instead
}

// usualError returns the most common response of op with the status of an error. For 400,
// that is one that every operation can send.
func usualError(status int, r *http.Request, op *gen.Operation) *response {
	switch status {
	case http.StatusBadRequest:
		return malformedCredential()
	case http.StatusUnauthorized:
		return unknownCredential(op)
	case http.StatusForbidden:
		return unauthorized()
	case http.StatusNotFound:
		if op == nil || !strings.Contains(op.Path, "{"+tokenParam+"}") {
			return noRoute(status, r.URL.EscapedPath(), true)
		}
		return tokenNotFound()
	case http.StatusTooManyRequests:
		return errorResponse(status, codeRateLimited, "Please wait and consider throttling your request speed")
	case http.StatusBadGateway:
		return pageResponse(status, "text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"+
			"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n")
	case http.StatusServiceUnavailable:
		return pageResponse(status, "text/plain", "upstream connect error or disconnect/reset before headers. reset reason: connection timeout")
	case http.StatusGatewayTimeout:
		return pageResponse(status, "text/plain", "upstream request timeout")
	}
	// The code is inferred from the API's 400 with code 400.
	return errorResponse(status, status, cmp.Or(http.StatusText(status), "Error"))
}

// pageResponse is a response of the edge, which is not JSON.
func pageResponse(status int, contentType, body string) *response {
	return &response{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

// drop closes the connection without a response; over HTTP/2, it resets the stream. The
// status line is sent anyway: if a reused connection closes without a single byte,
// net/http replays a GET, and the caller would not see the fault. A client gets
// io.ErrUnexpectedEOF.
func drop(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2
		panic(http.ErrAbortHandler)
	}
	_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\n")
	_ = buffered.Flush()
	_ = conn.Close()
}
