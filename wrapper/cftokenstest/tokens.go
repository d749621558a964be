package cftokenstest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// quota is how many tokens a user may have.
const quota = 50

func (s *Server) listTokens(c call) *answer {
	query := c.URL.Query()
	q, problem := readPage(query, 20, 5, 50)
	if problem != nil {
		return problem
	}
	direction, problem := readChoice(query, "direction", "asc", "desc")
	if problem != nil {
		return problem
	}
	expired, problem := readChoice(query, "include_expired", "false", "true")
	if problem != nil {
		return problem
	}
	tokens, total := s.store.page(q, direction == "desc", expired == "true", s.now())
	result := make([]json.RawMessage, len(tokens))
	for i, t := range tokens {
		result[i] = t.encode(s.now())
	}
	return envelope{Success: true, Result: result, ResultInfo: q.info(len(result), total)}.answer(http.StatusOK)
}

func (s *Server) createToken(c call) *answer {
	in, problem := readBody(c.body)
	if problem != nil {
		return problem
	}
	value := secret.New(newValue())
	t := s.store.newToken(value, s.now())
	if problem := s.change(t, in); problem != nil {
		return problem
	}
	if len(s.store.order) >= quota {
		return refuse(http.StatusBadRequest, codeRefused, fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota))
	}
	s.store.add(t, true)
	return succeed(t.encodeWith(value.Reveal(), s.now()))
}

func (s *Server) getToken(t *token) *answer { return succeed(t.encode(s.now())) }

func (s *Server) updateToken(c call, t *token) *answer {
	in, problem := readBody(c.body)
	if problem != nil {
		return problem
	}
	changed := *t
	if problem := s.change(&changed, in); problem != nil {
		return problem
	}
	if problem := in.readStatus(&changed.status); problem != nil {
		return problem
	}
	changed.modifiedOn = s.now()
	s.store.replace(t, changed)
	return succeed(t.encode(s.now()))
}

// change sets what a create and an update have in common. What the body leaves out,
// beside name and policies, stays.
func (s *Server) change(t *token, in properties) *answer {
	name, problem := in.readName()
	if problem != nil {
		return problem
	}
	policies, problem := in.readPolicies(s.store.newID)
	if problem != nil {
		return problem
	}
	condition, problem := in.readCondition()
	if problem != nil {
		return problem
	}
	if problem := in.readTime("not_before", &t.notBefore); problem != nil {
		return problem
	}
	if problem := in.readTime("expires_on", &t.expiresOn); problem != nil {
		return problem
	}
	if !t.expiresOn.IsZero() && !t.expiresOn.After(t.notBefore) {
		return invalid("expires_on must be after not_before")
	}
	t.name = name
	t.setPolicies(policies)
	if condition != nil {
		t.setCondition(condition)
	}
	return nil
}

func (s *Server) deleteToken(t *token) *answer {
	s.store.remove(t)
	return succeed(map[string]string{"id": t.id})
}

func (s *Server) rollToken(c call, t *token) *answer {
	if len(c.body) > 0 { // some clients send none
		if _, problem := readBody(c.body); problem != nil {
			return problem
		}
	}
	value := newValue()
	s.store.roll(t, secret.New(value))
	t.modifiedOn = s.now()
	return succeed(value)
}

func (s *Server) verifyToken(t *token) *answer {
	e := envelope{Success: true, Result: struct {
		ID        string `json:"id"`
		Status    string `json:"status"`
		NotBefore string `json:"not_before,omitempty"`
		ExpiresOn string `json:"expires_on,omitempty"`
	}{t.id, t.state(s.now()), stamp(t.notBefore), stamp(t.expiresOn)}}
	if t.usable(s.now()) {
		e.Messages = []detail{{
			Code: codeAuthentication, Message: "This API Token is valid and active", Type: json.RawMessage("null"),
		}}
	}
	return e.answer(http.StatusOK)
}
