package cftokenstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func (s *Server) listTokens(c *call) *response {
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
	tokens, total := c.owner.page(q, direction == "desc", expired == "true", s.now())
	result := make([]json.RawMessage, len(tokens))
	for i, t := range tokens {
		result[i] = t.encode(s.now())
	}
	return envelope{Success: true, Result: result, ResultInfo: q.info(len(result), total)}.response(http.StatusOK)
}

func (s *Server) createToken(c *call) *response {
	in, problem := readBody(c.body)
	if problem != nil {
		return problem
	}
	t := c.owner.newToken(secret.New(c.owner.newValue()), s.now())
	if problem := s.change(t, in); problem != nil {
		return problem
	}
	if problem := checkCreator(t, c.user); problem != nil {
		return problem
	}
	if len(c.owner.order) >= c.owner.quota {
		return quotaReached(c.owner.quota)
	}
	if c.owner == s.account && c.user.owner == s.user {
		t.creatorEmail = "user@example.com"
	}
	c.owner.add(t, true)
	return okResponse(t.encodeCreated(s.now()))
}

// quotaReached is the response to a create beyond the quota.
func quotaReached(quota int) *response {
	return errorResponse(http.StatusBadRequest, codeRejected, fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota))
}

func (s *Server) getToken(_ *call, t *token) *response { return okResponse(t.encode(s.now())) }

func (s *Server) updateToken(c *call, t *token) *response {
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
	c.owner.replace(t, changed)
	return okResponse(t.encode(s.now()))
}

// change sets what a create and an update have in common. Apart from name and
// policies, properties that the body leaves out are unchanged.
func (s *Server) change(t *token, in properties) *response {
	name, problem := in.readName()
	if problem != nil {
		return problem
	}
	policies, problem := in.readPolicies(t.owner)
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
		t.changeCondition(condition)
	}
	return nil
}

// checkCreator rejects a token that grants a permission group that its creator lacks. A
// user's token creates as the user, who may do everything; an account's token as itself.
func checkCreator(t, creator *token) *response {
	if creator.owner.account == "" {
		return nil
	}
	for _, g := range t.allowed {
		has := func(other grant) bool { return other.group == g.group }
		if !slices.ContainsFunc(creator.allowed, has) || slices.ContainsFunc(creator.denied, has) {
			return failedCheck(g.group)
		}
	}
	return nil
}

func (s *Server) deleteToken(c *call, t *token) *response {
	c.owner.remove(t)
	return okResponse(map[string]string{"id": t.id})
}

func (s *Server) rollToken(c *call, t *token) *response {
	if len(c.body) > 0 { // some clients send none
		if _, problem := readBody(c.body); problem != nil {
			return problem
		}
	}
	value := c.owner.newValue()
	c.owner.roll(t, secret.New(value))
	t.modifiedOn = s.now()
	return okResponse(value)
}

func (s *Server) verifyToken(c *call) *response {
	t := c.user
	e := envelope{Success: true, Result: struct {
		ID        string `json:"id"`
		Status    string `json:"status"`
		NotBefore string `json:"not_before,omitempty"`
		ExpiresOn string `json:"expires_on,omitempty"`
	}{t.id, t.state(s.now()), formatTime(t.notBefore), formatTime(t.expiresOn)}}
	if t.usable(s.now()) {
		e.Messages = []detail{{
			Code: codeAuthentication, Message: "This API Token is valid and active", Type: json.RawMessage("null"),
		}}
	}
	return e.response(http.StatusOK)
}
