package cftokenstest

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// maxBody bounds the body of a request. A token with the policies of every zone of
// a large account is far below it.
const maxBody = 1 << 20

// call is a request with what was found out about it so far.
type call struct {
	*http.Request

	op   string
	id   string // of the token in the path
	body []byte
}

// serve answers a request: route -> record -> fault -> authorise -> operate ->
// answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	op, id, refused := route(r)
	fault, ray := s.record(newRequest(op, r, body))
	w.Header().Set("Cf-Ray", ray)
	if !s.wait(r, fault.Delay) {
		panic(http.ErrAbortHandler)
	}

	instead := fault.answer()
	switch {
	case fault.DropBefore:
		drop(w)
		return
	case instead != nil && !fault.DropAfter:
		instead.write(w, fault.TruncateAt)
		return
	}
	a := refused
	if a == nil {
		a = s.handle(call{Request: r, op: op, id: id, body: body})
	}
	if fault.DropAfter {
		if instead == nil {
			drop(w)
			return
		}
		a = instead
	}
	a.write(w, fault.TruncateAt)
}

// record keeps a request, takes the fault that it meets, if any, and gives it an id
// in the form of Cloudflare's: 16 digits and the code of an airport, here of none.
func (s *Server) record(r Request) (fault Fault, ray string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	s.requests = slices.Delete(s.requests, 0, max(len(s.requests)-s.keep, 0))
	s.served++
	return s.takeFault(r.Operation), fmt.Sprintf("%016x-XXX", s.served*0x9e3779b97f4a7c15)
}

// wait waits for d, and tells whether client and server are still there after it.
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
func (s *Server) handle(c call) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, refused := s.authorise(c)
	if refused != nil {
		return refused
	}
	user.lastUsedOn = s.now()
	if len(c.body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, codeInvalid, "the body is too large")
	}
	switch c.op {
	case opList:
		return s.listTokens(c)
	case opCreate:
		return s.createToken(c)
	case opVerify:
		return s.verifyToken(user)
	case opGroups:
		return listPermissionGroups(c)
	}
	t, ok := s.store.byID[c.id]
	if !ok {
		return refuse(http.StatusNotFound, codeNotFound, "Token not found")
	}
	switch c.op {
	case opUpdate:
		return s.updateToken(c, t)
	case opDelete:
		return s.deleteToken(t)
	case opRoll:
		return s.rollToken(c, t)
	default:
		return s.getToken(t)
	}
}
