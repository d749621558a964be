package cftokenstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// PutToken stores a token as the API would answer it, and returns its id. A token of
// that id is replaced. It is for what cannot be created: tokens beyond the quota, of
// a certain id, age, status or value, and tokens that carry what openapi.yaml does
// not know. Policies, condition and unknown properties are stored as they are,
// unchecked; what the fake can read of them it follows.
//
// Everything may be left out: the id and the value are made up then, or kept where a
// token is replaced; the status is active, the times of creation and change are now,
// and there are no policies.
func (s *Server) PutToken(token json.RawMessage) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, problem := readBody(token)
	if problem != nil {
		return "", errors.New("cftokenstest: PutToken: the token is not a JSON object")
	}
	t := s.user.newToken(secret.New(newValue()), s.now())
	var value string
	for name, text := range map[string]*string{"id": &t.id, "name": &t.name, "status": &t.status, "value": &value} {
		if _, problem := in.read(name, name, "a string", text); problem != nil {
			return "", fmt.Errorf("cftokenstest: PutToken: %s is not a string", name)
		}
		delete(in, name)
	}
	if !idShape.MatchString(t.id) {
		return "", errors.New("cftokenstest: PutToken: the id is not of 32 lower case hexadecimal digits")
	}
	for name, at := range map[string]*time.Time{
		"issued_on": &t.issuedOn, "modified_on": &t.modifiedOn, "last_used_on": &t.lastUsedOn,
		"not_before": &t.notBefore, "expires_on": &t.expiresOn,
	} {
		if problem := in.readTime(name, at); problem != nil {
			return "", fmt.Errorf("cftokenstest: PutToken: %s is not a time as in RFC 3339", name)
		}
		delete(in, name)
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

	old := s.user.byID[t.id]
	switch {
	case value != "":
		t.value = secret.New(value)
	case old != nil:
		t.value = old.value
	}
	if other := s.user.byValue[digest(t.value.Reveal())]; other != nil && other != old {
		return "", fmt.Errorf("cftokenstest: PutToken: token %s has the same value", other.id)
	}
	if old == nil {
		s.user.add(t, true)
		return t.id, nil
	}
	s.user.roll(old, t.value)
	s.user.replace(old, *t)
	return t.id, nil
}
