package cftokenstest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Quotas: how many tokens a user and an account may have.
const (
	userQuota    = 50
	accountQuota = 500
)

// index finds the tokens of every store.
type index struct {
	byID map[string]*token
	// byValue finds a token by the digest of its value, so that no dump of the
	// server shows a value.
	byValue map[[sha256.Size]byte]*token
	ids     int // how many IDs were generated
}

// store stores the tokens of the user or of an account.
type store struct {
	*index

	account string // ID of the account, empty for the user
	quota   int
	order   []*token // in order of creation
	current listing  // those in order that have not expired
}

// listing contains the tokens that have not expired from one time until another. No token
// expires in between.
type listing struct {
	tokens      []*token
	from, until time.Time
}

func digest(value string) [sha256.Size]byte { return sha256.Sum256([]byte(value)) }

func newIndex() *index {
	return &index{byID: make(map[string]*token), byValue: make(map[[sha256.Size]byte]*token)}
}

// newToken returns a token that is not stored yet.
func (s *store) newToken(value secret.Value, now time.Time) *token {
	return &token{owner: s, id: s.newID(), status: statusActive, issuedOn: now, modifiedOn: now, value: value}
}

// newID generates an ID. The sequence of IDs is the same in every run.
func (i *index) newID() string {
	for {
		i.ids++
		sum := sha256.Sum256(fmt.Append(nil, "id ", i.ids))
		if id := hex.EncodeToString(sum[:16]); i.byID[id] == nil {
			return id
		}
	}
}

// newValue generates the value of a token, with a prefix that keeps it from being
// mistaken for a live one. The value of a user token has 40 characters, as Cloudflare's
// had for years.
func (s *store) newValue() string {
	prefix := "FAKE-"
	if s.account != "" {
		prefix = "FAKE-account-"
	}
	var random [26]byte
	_, _ = rand.Read(random[:]) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(random[:])
}

func (s *store) add(t *token) {
	s.byID[t.id] = t
	s.byValue[digest(t.value.Reveal())] = t
	s.order = append(s.order, t)
	s.current = listing{}
}

func (s *store) remove(t *token) {
	delete(s.byID, t.id)
	delete(s.byValue, digest(t.value.Reveal()))
	s.order = slices.DeleteFunc(s.order, func(other *token) bool { return other == t })
	s.current = listing{}
}

// roll replaces the value of a token. The old one is unknown from then on.
func (s *store) roll(t *token, value secret.Value) {
	delete(s.byValue, digest(t.value.Reveal()))
	t.value = value
	s.byValue[digest(value.Reveal())] = t
}

// replace sets t to changed.
func (s *store) replace(t *token, changed token) {
	*t = changed
	s.current = listing{}
}

// unexpired returns the listed tokens that have not expired. A long list is read page by
// page, so it is filtered again only after a change, or when a token has expired.
func (s *store) unexpired(now time.Time) []*token {
	if c := s.current; c.until.After(now) && !c.from.After(now) {
		return c.tokens
	}
	s.current = listing{from: now, until: now.Add(math.MaxInt64)}
	for _, t := range s.order {
		if t.state(now) == statusExpired {
			continue
		}
		s.current.tokens = append(s.current.tokens, t)
		if t.expiresOn.After(now) && t.expiresOn.Before(s.current.until) {
			s.current.until = t.expiresOn
		}
	}
	return s.current.tokens
}

// page returns a page of the listed tokens and the number of all of them.
func (s *store) page(q pageQuery, descending, expired bool, now time.Time) ([]*token, int) {
	tokens := s.order
	if !expired {
		tokens = s.unexpired(now)
	}
	from, to := q.bounds(len(tokens))
	if !descending {
		return tokens[from:to], len(tokens)
	}
	page := slices.Clone(tokens[len(tokens)-to : len(tokens)-from])
	slices.Reverse(page)
	return page, len(tokens)
}

// Tokens returns the stored user tokens, including expired ones, in order of creation, but
// not the server's own credential. It omits properties that were stored with
// [Server.PutToken] but are not in the client's types.
func (s *Server) Tokens() []cftokens.Token { return s.tokensOf(s.user) }

// AccountTokens is like [Server.Tokens], for the tokens of [Server.AccountID].
func (s *Server) AccountTokens() []cftokens.Token { return s.tokensOf(s.account) }

func (s *Server) tokensOf(owner *store) []cftokens.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	others := s.others(owner)
	tokens := make([]cftokens.Token, len(others))
	for i, t := range others {
		// An error means that a property does not fit its type; the others are decoded.
		_ = json.Unmarshal(t.encode(s.now()), &tokens[i])
	}
	return tokens
}

// others returns the tokens of an owner, except for the server's own credential.
func (s *Server) others(owner *store) []*token {
	return slices.DeleteFunc(slices.Clone(owner.order), func(t *token) bool { return t == s.serverToken })
}

// Value returns the current value of a user or account token. It returns false if there
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
