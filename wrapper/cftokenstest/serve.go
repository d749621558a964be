package cftokenstest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// maxBody bounds the body of a request. A token with the policies of every zone of
// a large account is far below it.
const maxBody = 1 << 20

// call is a request and what is known about it so far.
type call struct {
	*http.Request

	op     *gen.Operation
	params map[string]string
	body   []byte
	owner  *store // whose tokens the path names; nil for an account that does not exist
	user   *token // that the request authenticates with
}

// ServeHTTP responds to a request as the server at [Server.URL] does, so that the fake
// can be mounted next to handlers for other endpoints. Paths begin with /client/v4, as at
// Cloudflare; to mount the fake below another path, use [http.StripPrefix]. Faults that
// drop the connection hijack it. If w cannot be hijacked, as with HTTP/2 and with a
// [httptest.ResponseRecorder], ServeHTTP panics with [http.ErrAbortHandler], as it always
// does for [Fault.TruncateAt].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// match -> record -> fault -> authorize -> operate -> write
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	op, params, problem := match(r)
	fault, ray := s.record(newRequest(op, r, body))
	w.Header().Set("Cf-Ray", ray)
	if !s.wait(r, fault.Delay) {
		panic(http.ErrAbortHandler)
	}

	instead := fault.response(r, op)
	switch {
	case fault.DropBefore:
		drop(w)
		return
	case instead != nil && !fault.DropAfter:
		instead.write(w, fault.TruncateAt)
		return
	}
	result := problem
	if result == nil {
		result = s.handle(&call{Request: r, op: op, params: params, body: body})
	}
	if fault.DropAfter {
		if instead == nil {
			drop(w)
			return
		}
		result = instead
	}
	result.write(w, fault.TruncateAt)
}

// record keeps a request, takes the fault that applies to it, if any, and generates a Ray
// ID in Cloudflare's form: 16 digits and the code of an airport, here of none.
func (s *Server) record(r Request) (fault Fault, ray string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	s.requests = slices.Delete(s.requests, 0, max(len(s.requests)-s.keep, 0))
	s.served++
	return s.takeFault(r.Operation), fmt.Sprintf("%016x-XXX", s.served*0x9e3779b97f4a7c15)
}

// wait waits for d. It reports whether the client and the server are still there.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-s.done:
		return false
	}
}

// handle carries out an operation, one at a time.
func (s *Server) handle(c *call) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	handler := handlerOf(c.op)
	c.owner = s.ownerOf(c.params[accountParam])
	if problem := s.authorize(c); problem != nil {
		return problem
	}
	c.user.lastUsedOn = s.now()
	if len(c.body) > maxBody {
		return errorResponse(http.StatusRequestEntityTooLarge, codeInvalid, "the body is too large")
	}
	return handler(s, c)
}

// ownerOf returns the store of an account, or of the user if account is empty. It
// returns nil if the account does not exist.
func (s *Server) ownerOf(account string) *store {
	switch account {
	case s.user.account:
		return s.user
	case s.account.account:
		return s.account
	}
	return nil
}
