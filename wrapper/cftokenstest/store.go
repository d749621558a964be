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

// store keeps the tokens of the user or of an account.
type store struct {
	account string // empty for the user
	quota   int    // how many tokens may be listed

	byID map[string]*token
	// byValue finds a token by the digest of its value, so that no dump of the
	// server shows a value.
	byValue map[[sha256.Size]byte]*token
	order   []*token // those that are listed, in order of creation
	expires int      // how many of them can expire
	ids     int      // how many IDs were generated
}

func digest(value string) [sha256.Size]byte { return sha256.Sum256([]byte(value)) }

// newToken makes a token that is not stored yet.
func (s *store) newToken(value secret.Value, now time.Time) *token {
	return &token{id: s.newID(), status: statusActive, issuedOn: now, modifiedOn: now, value: value}
}

// newID returns an ID, the same ones in every run.
func (s *store) newID() string {
	for {
		s.ids++
		sum := sha256.Sum256(fmt.Append(nil, "id ", s.account, s.ids))
		if id := hex.EncodeToString(sum[:16]); s.byID[id] == nil {
			return id
		}
	}
}

// newValue returns the value of a token: 40 characters, as Cloudflare's were for
// years, that cannot be taken for a live one.
func newValue() string {
	var random [26]byte
	_, _ = rand.Read(random[:]) // never fails
	return "FAKE-" + base64.RawURLEncoding.EncodeToString(random[:])
}

func (s *store) add(t *token, listed bool) {
	if s.byID == nil {
		s.byID, s.byValue = make(map[string]*token), make(map[[sha256.Size]byte]*token)
	}
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

// roll gives a token another value, which alone is known from then on.
func (s *store) roll(t *token, value secret.Value) {
	delete(s.byValue, digest(t.value.Reveal()))
	t.value = value
	s.byValue[digest(value.Reveal())] = t
}

// replace puts the content of with in place of that of t.
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
	// A list of many tokens is asked for page by page: it is gone through as a whole
	// only where there is something to leave out.
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
