package cftokenstest

import (
	"encoding/json"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// basePath is the path of [Server.URL], as in the real API's.
const basePath = "/client/v4"

// Server is a fake of the API that listens on a port of this machine. It speaks HTTP/1.1
// and, to a client that begins with it, HTTP/2 without TLS. Make one with [NewServer] and
// end it with [Server.Close].
type Server struct {
	// URL is the address to give a client as its base URL. It ends in /client/v4.
	URL string
	// Token is a credential that may do everything, for the user and for the account.
	// It is a token of the user, which can be read, changed, rolled and deleted by its
	// ID, but is not listed.
	Token string
	// AccountID is the ID of the one account that exists, whose tokens are served
	// under /accounts/{account_id}/tokens: 32 hexadecimal digits, the same in every
	// run.
	AccountID string

	http *httptest.Server
	now  func() time.Time
	done chan struct{} // closed when the server ends
	end  sync.Once
	keep int // how many requests are kept

	mu          sync.Mutex // guards what follows
	index       *index
	user        *store // tokens of the user
	account     *store // tokens of AccountID
	serverToken *token
	faults      []Fault
	requests    []Request
	served      uint64 // requests received, including those that are not kept
}

// NewServer starts and returns a new [Server]. The caller should call [Server.Close] when
// finished. NewServer panics if it cannot listen.
func NewServer(opts ...Option) *Server {
	cfg := config{now: time.Now, keep: math.MaxInt}
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{now: cfg.now, keep: cfg.keep, done: make(chan struct{})}
	s.index = newIndex()
	s.AccountID = s.index.newID()
	s.user = &store{index: s.index, quota: userQuota}
	s.account = &store{index: s.index, account: s.AccountID, quota: accountQuota}
	if cfg.token == "" {
		cfg.token = s.user.newValue()
	}
	s.Token = cfg.token
	s.serverToken = s.user.newToken(secret.New(cfg.token), s.now())
	s.serverToken.name = "credential of the fake API"
	s.serverToken.setPolicies(serverPolicies(s.index.newID))
	s.user.add(s.serverToken, false)

	s.http = httptest.NewUnstartedServer(s)
	if cfg.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = cfg.listener
	}
	s.http.Config.ReadHeaderTimeout = time.Minute
	s.http.Config.Protocols = new(http.Protocols)
	s.http.Config.Protocols.SetHTTP1(true)
	s.http.Config.Protocols.SetUnencryptedHTTP2(true)
	s.http.Start()
	s.URL = "http://" + reachable(s.http.Listener.Addr()) + basePath
	return s
}

// reachable is the address to reach a listener at: one that listens everywhere is
// reached at the loopback address.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && (len(tcp.IP) == 0 || tcp.IP.IsUnspecified()) {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	return addr.String()
}

// Close ends the server. Requests under way are cut off. It may be called again.
func (s *Server) Close() {
	s.end.Do(func() {
		close(s.done)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// NewClient returns a client of the server that authenticates with the server's own
// credential, as it is now. Options are applied after the base URL, and may replace it.
// For the account's tokens, call [cftokens.Client.Account] with [Server.AccountID].
func (s *Server) NewClient(opts ...cftokens.Option) (*cftokens.Client, error) {
	s.mu.Lock()
	credential := s.serverToken.value
	s.mu.Unlock()
	return cftokens.NewClient(credential.Reveal(), append([]cftokens.Option{cftokens.WithBaseURL(s.URL)}, opts...)...)
}

// Tokens returns the stored tokens of the user, including expired ones, in order of
// creation. Properties that [Server.PutToken] stored and the client's types do not have
// are left out.
func (s *Server) Tokens() []cftokens.Token { return s.tokensOf(s.user) }

// AccountTokens is like [Server.Tokens] for the tokens of the account
// [Server.AccountID].
func (s *Server) AccountTokens() []cftokens.Token { return s.tokensOf(s.account) }

func (s *Server) tokensOf(owner *store) []cftokens.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := make([]cftokens.Token, len(owner.order))
	for i, t := range owner.order {
		// An error means a form that the types do not have; the rest is decoded.
		_ = json.Unmarshal(t.encode(s.now()), &tokens[i])
	}
	return tokens
}

// Value returns the current value of a token of any owner. It returns false if there
// is no token with that ID.
func (s *Server) Value(id string) (secret.Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.index.byID[id]
	if !ok {
		return secret.Value{}, false
	}
	return t.value, true
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
