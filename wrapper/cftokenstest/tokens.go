package cftokenstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func (s *Server) listTokens(c *call) *response {
	query := c.URL.Query()
	q, problem := readPage(query)
	if problem != nil {
		return problem
	}
	descending, problem := readDirection(query)
	if problem != nil {
		return problem
	}
	expired, problem := readBool(query, "include_expired")
	if problem != nil {
		return problem
	}
	tokens, total := c.owner.page(q, descending, expired, s.now())
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
	if problem := s.checkCreator(t, c.user); problem != nil {
		return problem
	}
	if len(s.others(c.owner)) >= c.owner.quota {
		return quotaReached(c.owner.quota)
	}
	if c.owner == s.account && c.user.owner == s.user {
		t.creatorEmail = "user@example.com"
	}
	c.owner.add(t)
	return okResponse(t.encodeCreated(s.now()))
}

// quotaReached is the response to a create beyond the quota.
func quotaReached(quota int) *response {
	return rejected(fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota))
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

// change sets the properties that a create and an update share. Apart from name and
// policies, properties that the body omits do not change.
func (s *Server) change(t *token, in object) *response {
	name, problem := in.readName()
	if problem != nil {
		return problem
	}
	policies, problem := s.readPolicies(in, t)
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
	t.name = name
	t.setPolicies(policies)
	if condition != nil {
		t.changeCondition(condition)
	}
	return nil
}

// checkCreator rejects a token that grants a permission group that its creator lacks. A
// user token acts as the user, who has all permissions; an account token acts as itself.
func (s *Server) checkCreator(t, creator *token) *response {
	if creator.owner.account == "" {
		return nil
	}
	for _, g := range t.allowed {
		has := func(other grant) bool { return other.group == g.group }
		if !slices.ContainsFunc(creator.allowed, has) || slices.ContainsFunc(creator.denied, has) {
			return failedCheck(permissionGroup{ID: g.group, Name: s.groups[g.group].Name})
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

// Status of a token. Others can be stored by [Server.PutToken].
const (
	statusActive  = string(gen.TokenStatusActive)
	statusExpired = string(gen.TokenStatusExpired)
)

// token is a stored token. Policies and condition are stored in the form in which they
// are returned, and decoded as far as this API needs them.
type token struct {
	owner                *store
	id, name, status     string
	issuedOn, modifiedOn time.Time
	lastUsedOn           time.Time // zero if unset, like the next two
	notBefore, expiresOn time.Time
	value                secret.Value
	creatorEmail         string // for an account token created with a user token

	policies        json.RawMessage
	allowed, denied []grant

	condition json.RawMessage // nil without one
	addresses addresses

	unknown map[string]json.RawMessage // other properties that PutToken was given
}

// isNew reports whether the token is being created.
func (t *token) isNew() bool { return t.policies == nil }

// state returns the status that the token has at a time.
func (t *token) state(now time.Time) string {
	if t.status == statusActive && !t.expiresOn.IsZero() && !now.Before(t.expiresOn) {
		return statusExpired
	}
	return t.status
}

// usable reports whether the token is accepted at a time.
func (t *token) usable(now time.Time) bool {
	return t.state(now) == statusActive && !now.Before(t.notBefore)
}

// encode returns the token as the API returns it, with the properties in the order
// that was observed.
func (t *token) encode(now time.Time) json.RawMessage { return t.encodeWith("", nil, now) }

// encodeCreated is like encode for a token that was just created. Times that are not
// set are left out for a user, and null for an account.
func (t *token) encodeCreated(now time.Time) json.RawMessage {
	var unset json.RawMessage
	if t.owner.account != "" {
		unset = null
	}
	return t.encodeWith(t.value.Reveal(), unset, now)
}

// encodeWith includes a value, unless it is empty. Times that are not set are encoded
// as unset, or left out if that is nil.
func (t *token) encodeWith(value string, unset json.RawMessage, now time.Time) json.RawMessage {
	optional := func(at time.Time) json.RawMessage {
		if at.IsZero() {
			return unset
		}
		return mustEncode(formatTime(at))
	}
	body := mustEncode(struct {
		ID         string          `json:"id"`
		Name       string          `json:"name"`
		Status     string          `json:"status"`
		IssuedOn   string          `json:"issued_on"`
		ModifiedOn string          `json:"modified_on"`
		LastUsedOn json.RawMessage `json:"last_used_on,omitempty"`
		NotBefore  json.RawMessage `json:"not_before,omitempty"`
		ExpiresOn  json.RawMessage `json:"expires_on,omitempty"`
		Policies   json.RawMessage `json:"policies"`
		Condition  json.RawMessage `json:"condition,omitempty"`
		Creator    string          `json:"creator_email_at_creation,omitempty"`
		Value      string          `json:"value,omitempty"`
	}{
		t.id, t.name, t.state(now), formatTime(t.issuedOn), formatTime(t.modifiedOn), optional(t.lastUsedOn),
		optional(t.notBefore), optional(t.expiresOn), t.policies, t.condition, t.creatorEmail, value,
	})
	if len(t.unknown) == 0 {
		return body
	}
	properties := maps.Clone(t.unknown)
	_ = json.Unmarshal(body, &properties) // known properties take precedence: an update may have changed them
	return mustEncode(properties)
}

// mustEncode encodes a value that was decoded from JSON, or is of this package.
func mustEncode(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("cftokenstest: a response cannot be encoded: %v", err))
	}
	return body
}
