package cftokenstest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

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
	tokens, total := c.store.page(q, direction == "desc", expired == "true", s.now())
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
	t := c.store.newToken(value, s.now())
	if problem := c.store.change(t, in); problem != nil {
		return problem
	}
	if quota := c.store.quota; len(c.store.order) >= quota {
		return refuse(http.StatusBadRequest, codeRefused, fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota))
	}
	c.store.add(t, true)
	return succeed(t.encodeCreated(s.now(), value.Reveal(), c.store.account != ""))
}

func (s *Server) getToken(c call) *answer { return succeed(c.token.encode(s.now())) }

func (s *Server) updateToken(c call) *answer {
	in, problem := readBody(c.body)
	if problem != nil {
		return problem
	}
	changed := *c.token
	if problem := c.store.change(&changed, in); problem != nil {
		return problem
	}
	if problem := in.readStatus(&changed.status); problem != nil {
		return problem
	}
	changed.modifiedOn = s.now()
	c.store.replace(c.token, changed)
	return succeed(c.token.encode(s.now()))
}

// change sets what a create and an update have in common. Other properties than name
// and policies keep their value if the body leaves them out.
func (s *store) change(t *token, in properties) *answer {
	name, problem := in.readName()
	if problem != nil {
		return problem
	}
	policies, problem := in.readPolicies(s)
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

func (s *Server) deleteToken(c call) *answer {
	c.store.remove(c.token)
	return succeed(map[string]string{"id": c.token.id})
}

func (s *Server) rollToken(c call) *answer {
	if len(c.body) > 0 { // some clients send none
		if _, problem := readBody(c.body); problem != nil {
			return problem
		}
	}
	value := newValue()
	c.store.roll(c.token, secret.New(value))
	c.token.modifiedOn = s.now()
	return succeed(value)
}

func (s *Server) verifyToken(c call) *answer {
	t := c.user
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
