package cftokenstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// Fault is something that goes wrong with a request, for [Server.Inject]. What it
// sets is combined: a delay comes first, then a drop or an answer.
type Fault struct {
	// Operation is the operationId of openapi.yaml that the fault is for; empty is
	// any request.
	Operation string
	// Times is how many requests meet the fault; 0 means one.
	Times int

	// Delay is waited before anything else, unless the client or the server goes
	// away.
	Delay time.Duration

	// Status, Header and Body are answered in place of carrying out the operation,
	// where any of them is set. The status is 200 unless set. The header is added to
	// the one that every answer has; a name without values takes one away.
	Status int
	Header http.Header
	Body   string

	// DropBefore closes the connection without a response, and without effect. The
	// client gets io.ErrUnexpectedEOF. Over HTTP/2, the stream is reset instead.
	DropBefore bool
	// DropAfter carries out the operation and loses its response: the connection is
	// closed as by DropBefore, or, with Status, Header or Body, these are returned.
	DropAfter bool
	// TruncateAt cuts the answer's body after so many bytes, and then closes the
	// connection, or resets the stream; the header promises the whole. 0 cuts nothing, -1 the whole body.
	TruncateAt int
}

// Inject makes coming requests go wrong. Faults wait in a queue: a request meets
// the first that is for its operation. It panics where f cannot be meant: an
// operation that does not exist, a negative number of times, a status that is none.
func (s *Server) Inject(f Fault) {
	switch {
	case f.Operation != "" && !slices.ContainsFunc(gen.Operations, func(op *gen.Operation) bool { return op.ID == f.Operation }):
		panic(fmt.Sprintf("cftokenstest: Inject: unknown operation %q", f.Operation))
	case f.Times < 0:
		panic(fmt.Sprintf("cftokenstest: Inject: %d times", f.Times))
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		panic(fmt.Sprintf("cftokenstest: Inject: %d is not the status of an answer", f.Status))
	}
	f.Times = max(f.Times, 1)
	f.Header = f.Header.Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// takeFault returns the fault that a request of an operation meets, the zero Fault
// where there is none.
func (s *Server) takeFault(operation string) Fault {
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Operation == "" || f.Operation == operation })
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

// response returns what the fault responds with instead of the operation, or nil.
func (f Fault) response() *response {
	if f.Status == 0 && f.Header == nil && f.Body == "" {
		return nil
	}
	a := &response{status: f.Status, header: maps.Clone(f.Header), body: []byte(f.Body)}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a
}

// drop closes the connection without a response; over HTTP/2, it resets the stream. The
// status line goes out all the same: when a connection that it used before closes
// without a byte, net/http replays a GET by itself, and the caller would not see the
// fault. A client gets io.ErrUnexpectedEOF.
func drop(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2
		panic(http.ErrAbortHandler)
	}
	_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\n")
	_ = buffered.Flush()
	_ = conn.Close()
}
