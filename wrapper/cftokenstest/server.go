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

// accountID is [Server.AccountID].
const accountID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"

// Quotas of tokens (documented).
const (
	userQuota    = 50
	accountQuota = 500
)

// Server is a fake of the API that listens on a port of this machine. Make one with
// [NewServer] and end it with [Server.Close].
type Server struct {
	// URL is the address to give a client as its base URL. It ends in /client/v4.
	URL string
	// Token is a credential that may do everything. It is a token of its own, which
	// can be read, changed, rolled and deleted by its id, but is not listed.
	Token string

	// AccountID is an account that exists. Token may manage its tokens.
	AccountID string

	http *httptest.Server
	now  func() time.Time
	done chan struct{} // closed when the server ends
	end  sync.Once
	keep int // how many requests are kept

	mu       sync.Mutex // guards what follows
	user     store
	account  store
	own      *token
	faults   []Fault
	requests []Request
	served   uint64 // requests that came, those that are not kept too
}

// NewServer starts a server. It panics where no port can be had.
func NewServer(opts ...Option) *Server {
	cfg := config{now: time.Now, token: newValue(), keep: math.MaxInt}
	for _, opt := range opts {
		opt(&cfg)
	}
	s := &Server{Token: cfg.token, AccountID: accountID, now: cfg.now, keep: cfg.keep, done: make(chan struct{})}
	s.user.quota, s.account.quota, s.account.account = userQuota, accountQuota, accountID
	s.own = s.user.newToken(secret.New(cfg.token), s.now())
	s.own.name = "credential of the fake API"
	s.own.setPolicies(ownPolicies(&s.user))
	s.user.add(s.own, false)

	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if cfg.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = cfg.listener
	}
	s.http.Config.ReadHeaderTimeout = time.Minute
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

// NewClient makes a client of the server, with the server's own credential as it
// is now. Options come after the base URL, and may replace it.
func (s *Server) NewClient(opts ...cftokens.Option) (*cftokens.Client, error) {
	s.mu.Lock()
	credential := s.own.value
	s.mu.Unlock()
	return cftokens.NewClient(credential.Reveal(), append([]cftokens.Option{cftokens.WithBaseURL(s.URL)}, opts...)...)
}

// Tokens returns the user's tokens, including expired ones, in order of creation. What
// [Server.PutToken] stored beyond the client's types is left out.
func (s *Server) Tokens() []cftokens.Token { return s.tokens(&s.user) }

// AccountTokens is like [Server.Tokens] for the tokens that the account [Server.AccountID]
// owns.
func (s *Server) AccountTokens() []cftokens.Token { return s.tokens(&s.account) }

func (s *Server) tokens(store *store) []cftokens.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := make([]cftokens.Token, len(store.order))
	for i, t := range store.order {
		// An error means a form that the types do not have; the rest is decoded.
		_ = json.Unmarshal(t.encode(s.now()), &tokens[i])
	}
	return tokens
}

// Value returns the current value of a token of the user or of the account, and whether
// a token of that ID exists.
func (s *Server) Value(id string) (secret.Value, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, store := range []*store{&s.user, &s.account} {
		if t, ok := store.byID[id]; ok {
			return t.value, true
		}
	}
	return secret.Value{}, false
}

// Requests returns the requests that came, in order, those that met a fault too. See
// [WithRequestLimit].
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := slices.Clone(s.requests)
	for i := range requests {
		requests[i] = requests[i].clone()
	}
	return requests
}
