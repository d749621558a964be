package cftokenstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Status of a token. Others can be stored by [Server.PutToken].
const (
	statusActive   = "active"
	statusDisabled = "disabled"
	statusExpired  = "expired"
)

// token is a stored token. Policies and condition are kept in the form in which they
// are returned, along with what they mean for this API.
type token struct {
	owner                *store
	id, name, status     string
	issuedOn, modifiedOn time.Time
	lastUsedOn           time.Time // zero if unset, like the next two
	notBefore, expiresOn time.Time
	value                secret.Value
	creatorEmail         string // for a token of the account that a token of the user created

	policies        json.RawMessage
	allowed, denied []grant

	condition json.RawMessage // nil without one
	addresses addresses

	unknown map[string]json.RawMessage // other properties that PutToken was given
}

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
	var properties map[string]json.RawMessage
	_ = json.Unmarshal(body, &properties)
	maps.Copy(properties, t.unknown)
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
