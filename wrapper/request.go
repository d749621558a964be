package cftokens

import (
	"encoding/json"
	"errors"
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
func createBody(t TokenCreate) ([]byte, error) {
	if t.Policies == nil {
		return nil, invalid("policies", "must not be nil; for a token without policies, set an empty list")
	}
	t.NotBefore, t.ExpiresOn = wholeSeconds(t.NotBefore), wholeSeconds(t.ExpiresOn)
	if err := checkShared(t.Name, t.NotBefore, t.ExpiresOn, t.Condition, t.Policies); err != nil {
		return nil, err
	}
	t.Condition, t.Policies = withoutEmpty(t.Condition), writable(t.Policies)
	return json.Marshal(t)
}

// updateBody returns the body that updates a token to u, in the same way.
func updateBody(u TokenUpdate) ([]byte, error) {
	notBefore, expiresOn := inWholeSeconds(&u.NotBefore), inWholeSeconds(&u.ExpiresOn)
	if err := checkShared(u.Name, notBefore, expiresOn, u.Condition, u.Policies); err != nil {
		return nil, err
	}
	u.Condition, u.Policies = withoutEmpty(u.Condition), writable(u.Policies)
	return json.Marshal(u)
}

// wholeSeconds returns t in the form that the API is known to accept: UTC, in whole seconds.
func wholeSeconds(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC().Truncate(time.Second)
	return &utc
}

// inWholeSeconds replaces the time in n, if there is one, by that in whole seconds, and
// returns it.
func inWholeSeconds(n *nullable.Nullable[time.Time]) *time.Time {
	if !n.IsSpecified() {
		*n = nil // an empty map, as SetUnspecified leaves, would be sent as the zero time
	}
	t, err := n.Get()
	if err != nil {
		return nil
	}
	t = *wholeSeconds(&t)
	*n = nullable.NewNullableWithValue(t) // in a new map
	return &t
}

// checkShared checks what creates and updates have in common.
func checkShared(name string, notBefore, expiresOn *time.Time, condition Condition, policies []Policy) error {
	n := utf8.RuneCountInString(name)
	switch {
	case !utf8.ValidString(name):
		return invalid("name", "must be valid UTF-8")
	case n < 1 || n > maxNameLength:
		return invalid("name", fmt.Sprintf("must be 1 to %d characters, got %d", maxNameLength, n))
	}
	times := map[string]*time.Time{"not_before": notBefore, "expires_on": expiresOn}
	for _, field := range []string{"not_before", "expires_on"} {
		if t := times[field]; t != nil && (t.IsZero() || t.Year() < 1 || t.Year() > 9999) {
			return invalid(field, "must be non-zero and between years 1 and 9999")
		}
	}
	if notBefore != nil && expiresOn != nil && !expiresOn.After(*notBefore) {
		return invalid("expires_on", "must be after not_before")
	}
	networks := map[string][]string{"in": condition.RequestIP.In, "not_in": condition.RequestIP.NotIn}
	for _, field := range []string{"in", "not_in"} {
		for i, s := range networks[field] {
			if _, err := parseNetwork(s); err != nil {
				return invalid(fmt.Sprintf("condition.request_ip.%s[%d]", field, i), "must be an IP address or a network in CIDR notation")
			}
		}
	}
	for i, p := range policies {
		if err := checkPolicy(fmt.Sprintf("policies[%d].", i), p); err != nil {
			return err
		}
	}
	return nil
}

func checkPolicy(path string, p Policy) error {
	switch {
	case !p.Effect.Valid():
		return invalid(path+"effect", "must be allow or deny")
	case len(p.PermissionGroups) == 0:
		return invalid(path+"permission_groups", "must not be empty")
	case len(p.Resources) == 0:
		return invalid(path+"resources", "must not be empty")
	}
	for i, g := range p.PermissionGroups {
		if g.ID == "" || strings.ContainsRune(g.ID, utf8.RuneError) {
			return invalid(fmt.Sprintf("%spermission_groups[%d].id", path, i), "must not be empty, and must be valid UTF-8")
		}
	}
	for name, v := range p.Resources {
		err := v.Err()
		if strings.ContainsRune(name, utf8.RuneError) {
			err = errors.New("name must be valid UTF-8")
		}
		if err != nil {
			return fmt.Errorf("%w: %sresources[%q]: %w", ErrInvalidArgument, path, name, err)
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
