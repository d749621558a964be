package cftokens

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oapi-codegen/nullable"
)

// Limits of the schemas in openapi.yaml.
const (
	maxIDLength   = 32
	maxNameLength = 120
)

// checkID rejects IDs that would change the path of the request: an empty ID lists
// tokens, ".." is resolved, and "verify" and "permission_groups" are other endpoints.
func checkID(id string) error {
	switch {
	case id == "":
		return invalid("id", "must not be empty")
	case len(id) > maxIDLength:
		return invalid("id", fmt.Sprintf("is longer than %d characters, so it is not the ID of a token; give Token.ID, not the value or the name", maxIDLength))
	case id == "verify" || id == "permission_groups":
		return invalid("id", fmt.Sprintf("%q is reserved by the API", id))
	case strings.ContainsFunc(id, notInWord):
		return invalid("id", "must contain only letters, digits, '-' and '_'; give Token.ID, not a name or a path")
	}
	return nil
}

// createBody returns the body that creates t. It starts from a copy, so that a
// property that is added to openapi.yaml is sent without a change here.
func createBody(t TokenCreate) (_ []byte, err error) {
	if t.Policies == nil {
		return nil, invalid("policies", "must not be nil; for a token without policies, set an empty list")
	}
	if err := checkShared(t.Name, t.Condition, t.Policies); err != nil {
		return nil, err
	}
	if t.NotBefore, t.ExpiresOn, err = validityPeriod(t.NotBefore, t.ExpiresOn); err != nil {
		return nil, err
	}
	t.Condition, t.Policies = withoutEmpty(t.Condition), writable(t.Policies)
	return encode(t)
}

// updateBody returns the body that updates a token to u, in the same way.
func updateBody(u TokenUpdate) ([]byte, error) {
	if err := checkShared(u.Name, u.Condition, u.Policies); err != nil {
		return nil, err
	}
	notBefore, expiresOn, err := validityPeriod(timePtr(u.NotBefore), timePtr(u.ExpiresOn))
	if err != nil {
		return nil, err
	}
	u.NotBefore, u.ExpiresOn = nullableTime(u.NotBefore, notBefore), nullableTime(u.ExpiresOn, expiresOn)
	u.Condition, u.Policies = withoutEmpty(u.Condition), writable(u.Policies)
	return encode(u)
}

func encode(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	return body, nil
}

func timePtr(n nullable.Nullable[time.Time]) *time.Time {
	if t, err := n.Get(); err == nil {
		return &t
	}
	return nil
}

// nullableTime returns a copy of n with the value t, if there is one. An empty map, as
// SetUnspecified leaves, would be sent as the zero time.
func nullableTime(n nullable.Nullable[time.Time], t *time.Time) nullable.Nullable[time.Time] {
	switch {
	case t != nil:
		return nullable.NewNullableWithValue(*t)
	case !n.IsSpecified():
		return nil
	}
	return n
}

// validityPeriod checks the times of a token and returns them in the form that the API
// is known to accept: UTC, in whole seconds.
func validityPeriod(notBefore, expiresOn *time.Time) (from, to *time.Time, err error) {
	if from, err = truncateTime("not_before", notBefore); err != nil {
		return nil, nil, err
	}
	if to, err = truncateTime("expires_on", expiresOn); err != nil {
		return nil, nil, err
	}
	if from != nil && to != nil && !to.After(*from) {
		return nil, nil, invalid("expires_on", "must be after not_before")
	}
	return from, to, nil
}

func truncateTime(field string, t *time.Time) (*time.Time, error) {
	if t == nil {
		return nil, nil
	}
	utc := t.UTC().Truncate(time.Second)
	if utc.Year() < 1 || utc.Year() > 9999 || utc.IsZero() {
		return nil, invalid(field, "must be non-zero and between years 1 and 9999")
	}
	return &utc, nil
}

func checkShared(name string, condition Condition, policies []Policy) error {
	if !utf8.ValidString(name) {
		return invalid("name", "must be valid UTF-8")
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > maxNameLength {
		return invalid("name", fmt.Sprintf("must be 1 to %d characters, got %d", maxNameLength, n))
	}
	for i, p := range policies {
		if err := checkPolicy(i, p); err != nil {
			return err
		}
	}
	if err := checkNetworks("condition.request_ip.in", condition.RequestIP.In); err != nil {
		return err
	}
	return checkNetworks("condition.request_ip.not_in", condition.RequestIP.NotIn)
}

func checkPolicy(i int, p Policy) error {
	field := func(name string) string { return fmt.Sprintf("policies[%d].%s", i, name) }
	switch {
	case !p.Effect.Valid():
		return invalid(field("effect"), "must be allow or deny")
	case len(p.PermissionGroups) == 0:
		return invalid(field("permission_groups"), "must not be empty")
	case len(p.Resources) == 0:
		return invalid(field("resources"), "must not be empty")
	}
	for j, g := range p.PermissionGroups {
		name := field(fmt.Sprintf("permission_groups[%d].id", j))
		switch {
		case g.ID == "":
			return invalid(name, "must not be empty")
		case strings.ContainsRune(g.ID, utf8.RuneError):
			return invalid(name, "must be valid UTF-8")
		}
	}
	for name, v := range p.Resources {
		if strings.ContainsRune(name, utf8.RuneError) {
			return invalid(field(fmt.Sprintf("resources[%q]", name)), "must be valid UTF-8")
		}
		if err := v.Err(); err != nil {
			return fmt.Errorf("%w: %s[%q]: %w", ErrInvalidArgument, field("resources"), name, err)
		}
	}
	return nil
}

func checkNetworks(field string, networks []string) error {
	for i, s := range networks {
		if _, err := parseNetwork(s); err != nil {
			return invalid(fmt.Sprintf("%s[%d]", field, i), "must be an IP address or a network in CIDR notation")
		}
	}
	return nil
}

// withoutEmpty returns c without empty lists, which the API takes to mean "no address".
func withoutEmpty(c Condition) Condition {
	if len(c.RequestIP.In) == 0 {
		c.RequestIP.In = nil
	}
	if len(c.RequestIP.NotIn) == 0 {
		c.RequestIP.NotIn = nil
	}
	return c
}
