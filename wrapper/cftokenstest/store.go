package cftokenstest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

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

// store keeps the tokens of the user or of an account.
type store struct {
	*index

	account string // ID of the account, empty for the user
	quota   int
	order   []*token // those that are listed, in order of creation
	expires int      // how many of them can expire
}

func digest(value string) [sha256.Size]byte { return sha256.Sum256([]byte(value)) }

func newIndex() *index {
	return &index{byID: make(map[string]*token), byValue: make(map[[sha256.Size]byte]*token)}
}

// newToken returns a token that is not stored yet.
func (s *store) newToken(value secret.Value, now time.Time) *token {
	return &token{owner: s, id: s.newID(), status: statusActive, issuedOn: now, modifiedOn: now, value: value}
}

// newID generates an ID, the same ones in every run.
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
// taken for a live one. That of a user's token has 40 characters, as Cloudflare's had
// for years.
func (s *store) newValue() string {
	prefix := "FAKE-"
	if s.account != "" {
		prefix = "FAKE-account-"
	}
	var random [26]byte
	_, _ = rand.Read(random[:]) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(random[:])
}

func (s *store) add(t *token, listed bool) {
	s.byID[t.id] = t
	s.byValue[digest(t.value.Reveal())] = t
	if listed {
		s.order = append(s.order, t)
		s.count(t, 1)
	}
}

func (s *store) remove(t *token) {
	delete(s.byID, t.id)
	delete(s.byValue, digest(t.value.Reveal()))
	if i := slices.Index(s.order, t); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
		s.count(t, -1)
	}
}

// roll replaces the value of a token. The old one is unknown from then on.
func (s *store) roll(t *token, value secret.Value) {
	delete(s.byValue, digest(t.value.Reveal()))
	t.value = value
	s.byValue[digest(value.Reveal())] = t
}

// replace replaces the content of t by that of with.
func (s *store) replace(t *token, with token) {
	listed := slices.Contains(s.order, t)
	if listed {
		s.count(t, -1)
	}
	*t = with
	if listed {
		s.count(t, 1)
	}
}

func (s *store) count(t *token, n int) {
	if t.status == statusExpired || !t.expiresOn.IsZero() {
		s.expires += n
	}
}

// page returns a page of the listed tokens and the number of all of them.
func (s *store) page(q pageQuery, descending, expired bool, now time.Time) ([]*token, int) {
	tokens := s.order
	// A list of many tokens is read page by page: all of it is copied only if there
	// is something to leave out.
	if !expired && s.expires > 0 {
		tokens = nil
		for _, t := range s.order {
			if t.state(now) != statusExpired {
				tokens = append(tokens, t)
			}
		}
	}
	from, to := q.bounds(len(tokens))
	if !descending {
		return tokens[from:to], len(tokens)
	}
	page := slices.Clone(tokens[len(tokens)-to : len(tokens)-from])
	slices.Reverse(page)
	return page, len(tokens)
}
