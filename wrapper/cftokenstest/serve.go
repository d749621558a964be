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

// call is a request with what was found out about it so far.
type call struct {
	*http.Request

	op    *gen.Operation
	body  []byte
	store *store // of the user or of the account in the path; nil if there is no such account
	user  *token // that the request authenticates with
	token *token // in the path
}

// handlers carry out the operations. Those on users and accounts differ in the store.
var handlers = map[*gen.Operation]func(*Server, call) *answer{
	gen.OpListTokens: (*Server).listTokens, gen.OpListAccountTokens: (*Server).listTokens,
	gen.OpCreateToken: (*Server).createToken, gen.OpCreateAccountToken: (*Server).createToken,
	gen.OpGetToken: (*Server).getToken, gen.OpGetAccountToken: (*Server).getToken,
	gen.OpUpdateToken: (*Server).updateToken, gen.OpUpdateAccountToken: (*Server).updateToken,
	gen.OpDeleteToken: (*Server).deleteToken, gen.OpDeleteAccountToken: (*Server).deleteToken,
	gen.OpVerifyToken: (*Server).verifyToken, gen.OpVerifyAccountToken: (*Server).verifyToken,
	gen.OpRollToken: (*Server).rollToken, gen.OpRollAccountToken: (*Server).rollToken,
	gen.OpListPermissionGroups: (*Server).listPermissionGroups, gen.OpListAccountPermissionGroups: (*Server).listPermissionGroups,
}

// serve responds to a request: route -> record -> fault -> authorize -> operate ->
// respond.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	op, params, rejection := route(r)
	operation := ""
	if op != nil {
		operation = op.ID
	}
	fault, ray := s.record(newRequest(operation, r, body))
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
	a := rejection
	if a == nil {
		a = s.handle(call{Request: r, op: op, body: body}, params)
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
func (s *Server) handle(c call, params map[string]string) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, onAccount := params["account_id"]
	switch {
	case !onAccount:
		c.store = &s.user
	case account == s.AccountID:
		c.store = &s.account
	}
	var rejection *answer
	if c.user, rejection = s.authorize(c); rejection != nil {
		return rejection
	}
	c.user.lastUsedOn = s.now()
	if len(c.body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, codeInvalid, "the body is too large")
	}
	if id, ok := params["token_id"]; ok {
		if c.token, ok = c.store.byID[id]; !ok {
			return refuse(http.StatusNotFound, codeNotFound, "Token not found")
		}
	}
	return handlers[c.op](s, c)
}
