package cftokenstest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// PutToken stores a user token, given in the form in which the API would return it, and
// returns its ID. It replaces an existing token with the same ID. Use it for tokens that
// cannot be created: tokens that manage tokens, tokens beyond the quota, tokens with a
// given ID, age, status or value, and tokens with properties that openapi.yaml does not
// have. Policies, condition and unknown properties are stored as they are, without
// validation; the fake applies the parts that it can read.
//
// All properties are optional. By default, the ID and the value are generated, or kept if
// a token is replaced, the status is active, the times of creation and change are now, and
// there are no policies.
func (s *Server) PutToken(token json.RawMessage) (id string, err error) {
	return s.put("PutToken", s.user, token)
}

// PutAccountToken is like [Server.PutToken], for a token of [Server.AccountID].
func (s *Server) PutAccountToken(token json.RawMessage) (id string, err error) {
	return s.put("PutAccountToken", s.account, token)
}

func (s *Server) put(method string, owner *store, token json.RawMessage) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fail := func(format string, args ...any) (string, error) {
		return "", fmt.Errorf("cftokenstest: %s: %w", method, fmt.Errorf(format, args...))
	}
	in, problem := readBody(token)
	if problem != nil {
		return fail("the token is not a JSON object")
	}
	t := owner.newToken(secret.New(owner.newValue()), s.now())
	var value string
	for name, text := range map[string]*string{"id": &t.id, "name": &t.name, "status": &t.status, "value": &value} {
		if _, problem := in.read(name, name, "a string", text); problem != nil {
			return fail("%s is not a string", name)
		}
		delete(in, name)
	}
	if !idShape.MatchString(t.id) || t.id != strings.ToLower(t.id) {
		return fail("the ID is not 32 lower case hexadecimal digits")
	}
	for name, at := range map[string]*time.Time{
		"issued_on": &t.issuedOn, "modified_on": &t.modifiedOn, "last_used_on": &t.lastUsedOn,
		"not_before": &t.notBefore, "expires_on": &t.expiresOn,
	} {
		if problem := in.readTime(name, at); problem != nil {
			return fail("%s is not an RFC 3339 time", name)
		}
		delete(in, name)
	}
	for _, at := range []*time.Time{&t.issuedOn, &t.modifiedOn} {
		if at.IsZero() {
			*at = s.now()
		}
	}
	policies, ok := in["policies"]
	if !ok {
		policies = json.RawMessage("[]")
	}
	t.setPolicies(policies)
	if condition, ok := in["condition"]; ok {
		t.setCondition(condition)
	}
	delete(in, "policies")
	delete(in, "condition")
	if len(in) > 0 {
		t.unknown = in
	}

	old := s.index.byID[t.id]
	switch {
	case old != nil && old.owner != owner:
		return fail("token %s has another owner", t.id)
	case value != "":
		t.value = secret.New(value)
	case old != nil:
		t.value = old.value
	}
	if other := s.index.byValue[digest(t.value.Reveal())]; other != nil && other != old {
		return fail("token %s has the same value", other.id)
	}
	if old == nil {
		owner.add(t)
		return t.id, nil
	}
	owner.roll(old, t.value)
	owner.replace(old, *t)
	return t.id, nil
}
