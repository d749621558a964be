package cftokenstest

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// basePath is the path of [Server.URL], as in the real API's.
const basePath = "/client/v4"

// A Server is a fake of the API that listens on a local port, or in memory. It speaks HTTP/1.1 and, with
// prior knowledge, HTTP/2 without TLS. Create one with [NewServer], and call [Server.Close]
// when finished.
type Server struct {
	// URL is the base URL for clients. It ends in /client/v4.
	URL string
	// Token is a credential with all permissions, for user tokens and account tokens. It is
	// a user token that can be listed, read, updated, rolled and deleted, but does not count
	// toward the quota, and is not among [Server.Tokens].
	Token string
	// AccountID is the ID of the one account that exists, whose tokens are served
	// under /accounts/{account_id}/tokens: 32 hexadecimal digits, the same in every
	// run. See [WithAccountID].
	AccountID string

	http *httptest.Server
	now  func() time.Time
	done chan struct{} // closed by Close
	end  sync.Once
	keep int // how many requests are kept

	catalog []permissionGroup
	groups  map[string]permissionGroup // catalog by ID

	mu          sync.Mutex // guards what follows
	index       *index
	user        *store // user tokens
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
	s.catalog, s.groups = catalog(), make(map[string]permissionGroup)
	for _, g := range cfg.groups {
		s.catalog = append(slices.Clip(s.catalog), newPermissionGroup(g))
	}
	for _, g := range s.catalog {
		s.groups[g.ID] = g
	}
	s.index = newIndex()
	s.AccountID = cmp.Or(cfg.account, s.index.newID())
	if !idShape.MatchString(s.AccountID) {
		panic(fmt.Sprintf("cftokenstest: WithAccountID: %q is not 32 hexadecimal digits", s.AccountID))
	}
	s.user = &store{index: s.index, quota: userQuota}
	s.account = &store{index: s.index, account: s.AccountID, quota: accountQuota}
	if cfg.token == "" {
		cfg.token = s.user.newValue()
	}
	s.Token = cfg.token
	s.serverToken = s.user.newToken(secret.New(cfg.token), s.now())
	s.serverToken.name = "credential of the fake API"
	s.serverToken.setPolicies(serverPolicies(s.index.newID))
	s.user.add(s.serverToken)

	s.http = &httptest.Server{Listener: cfg.listener, Config: &http.Server{
		Handler: s, ReadHeaderTimeout: time.Minute, Protocols: new(http.Protocols),
	}}
	if cfg.listener == nil {
		s.http.Listener = httptest.NewUnstartedServer(nil).Listener
	}
	s.http.Config.Protocols.SetHTTP1(true)
	s.http.Config.Protocols.SetUnencryptedHTTP2(true)
	s.http.Start()
	if memory, ok := cfg.listener.(*pipes); ok {
		s.http.Client().Transport.(*http.Transport).DialContext = memory.dial
	}
	s.URL = "http://" + reachable(s.http.Listener.Addr()) + basePath
	return s
}

// reachable returns an address at which clients can reach a listener at addr: the loopback
// address if it listens on all addresses.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && (len(tcp.IP) == 0 || tcp.IP.IsUnspecified()) {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	return addr.String()
}

// Close shuts down the server and aborts requests in progress. It may be called more than
// once.
func (s *Server) Close() {
	s.end.Do(func() {
		close(s.done)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// Client returns an HTTP client for requests to [Server.URL], such as
// [httptest.Server.Client]. [Server.Close] closes its idle connections. With [InMemory], all
// its requests reach the server, whatever their host is.
func (s *Server) Client() *http.Client { return s.http.Client() }

// NewClient returns a client of the server that authenticates with the server's own
// credential, with its current value, and uses [Server.Client] with the timeout of the
// default client, a minute for each attempt. Options are applied after these, and may replace
// them. For account tokens, call [cftokens.Client.Account] with [Server.AccountID].
func (s *Server) NewClient(opts ...cftokens.Option) (*cftokens.Client, error) {
	s.mu.Lock()
	credential := s.serverToken.value
	s.mu.Unlock()
	client := *s.Client()
	client.Timeout = time.Minute
	return cftokens.NewClient(credential.Reveal(), append(
		[]cftokens.Option{cftokens.WithBaseURL(s.URL), cftokens.WithHTTPClient(&client)}, opts...)...)
}

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
	var body []byte
	if r.Body != nil { // as in a request that no server has received
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
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

// wait waits for d. It reports whether the client is still connected and the server open.
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
