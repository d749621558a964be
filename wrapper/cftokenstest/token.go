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

// token is a stored token. Policies and condition are kept as they are answered,
// beside what they mean for this API.
type token struct {
	id, name, status     string
	issuedOn, modifiedOn time.Time
	lastUsedOn           time.Time // zero while it never was, like the next two
	notBefore, expiresOn time.Time
	value                secret.Value

	policies        json.RawMessage
	allowed, denied []string // ids of permission groups

	condition json.RawMessage // nil without one
	addresses addresses

	unknown map[string]json.RawMessage // what else PutToken was given
}

// state is the status that the token has at a time.
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

// encode returns the token as it is in a response. The order of properties is the one
// observed.
func (t *token) encode(now time.Time) json.RawMessage { return t.encodeCreated(now, "", false) }

// encodeCreated is encode with a value, and with explicit nulls for times that are not
// set, as the response to the creation of an account token has them (observed).
func (t *token) encodeCreated(now time.Time, value string, nulls bool) json.RawMessage {
	optional := func(at time.Time) json.RawMessage {
		switch {
		case !at.IsZero():
			return mustEncode(stamp(at))
		case nulls:
			return null
		}
		return nil
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
		Value      string          `json:"value,omitempty"`
	}{
		t.id, t.name, t.state(now), stamp(t.issuedOn), stamp(t.modifiedOn), optional(t.lastUsedOn),
		optional(t.notBefore), optional(t.expiresOn), t.policies, t.condition, value,
	})
	if len(t.unknown) == 0 {
		return body
	}
	var properties map[string]json.RawMessage
	_ = json.Unmarshal(body, &properties)
	maps.Copy(properties, t.unknown)
	return mustEncode(properties)
}

// mustEncode encodes what came as JSON, or was made here.
func mustEncode(v any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("cftokenstest: an answer cannot be encoded: %v", err))
	}
	return body
}
