package cftokens

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/oapi-codegen/nullable"
)

// Limits of the schemas in openapi.yaml.
const (
	maxIDLength   = 32
	maxNameLength = 120
)

// checkID refuses an id that would address something else than one token: empty
// it gives the list, ".." resolves away, and two words are paths of their own.
func checkID(op operation, id string) error {
	switch {
	case id == "":
		return invalid(op, "id", "is empty")
	case len(id) > maxIDLength:
		return invalid(op, "id", fmt.Sprintf("is longer than %d characters", maxIDLength))
	case id == "verify" || id == "permission_groups":
		return invalid(op, "id", fmt.Sprintf("%q is another path of the API", id))
	}
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' {
			return invalid(op, "id", "holds characters other than letters, digits, '-' and '_'")
		}
	}
	return nil
}

// createBody checks t and makes of it what is sent.
func createBody(t TokenCreate) (TokenCreate, error) {
	notBefore, expiresOn, err := bounds(opCreate, t.NotBefore, t.ExpiresOn)
	if err != nil {
		return TokenCreate{}, err
	}
	condition, policies, err := common(opCreate, t.Name, t.Condition, t.Policies)
	if err != nil {
		return TokenCreate{}, err
	}
	return TokenCreate{Name: t.Name, Condition: condition, Policies: policies, NotBefore: notBefore, ExpiresOn: expiresOn}, nil
}

// updateBody checks u and makes of it what is sent.
func updateBody(u TokenUpdate) (TokenUpdate, error) {
	notBefore, expiresOn, err := bounds(opUpdate, timeOf(u.NotBefore), timeOf(u.ExpiresOn))
	if err != nil {
		return TokenUpdate{}, err
	}
	condition, policies, err := common(opUpdate, u.Name, u.Condition, u.Policies)
	if err != nil {
		return TokenUpdate{}, err
	}
	sent := TokenUpdate{
		Name: u.Name, Status: u.Status, Condition: condition, Policies: policies,
		NotBefore: u.NotBefore, ExpiresOn: u.ExpiresOn,
	}
	if notBefore != nil {
		sent.NotBefore = nullable.NewNullableWithValue(*notBefore)
	}
	if expiresOn != nil {
		sent.ExpiresOn = nullable.NewNullableWithValue(*expiresOn)
	}
	return sent, nil
}

func timeOf(n nullable.Nullable[time.Time]) *time.Time {
	if t, err := n.Get(); err == nil {
		return &t
	}
	return nil
}

// bounds checks the times of a token and makes of them what the API is known to
// take: UTC, in whole seconds.
func bounds(op operation, notBefore, expiresOn *time.Time) (from, to *time.Time, err error) {
	if from, err = wholeSeconds(op, "not_before", notBefore); err != nil {
		return nil, nil, err
	}
	if to, err = wholeSeconds(op, "expires_on", expiresOn); err != nil {
		return nil, nil, err
	}
	if from != nil && to != nil && !to.After(*from) {
		return nil, nil, invalid(op, "expires_on", "is not after not_before")
	}
	return from, to, nil
}

func wholeSeconds(op operation, field string, t *time.Time) (*time.Time, error) {
	if t == nil {
		return nil, nil
	}
	utc := t.UTC().Truncate(time.Second)
	if utc.Year() < 1 || utc.Year() > 9999 || utc.IsZero() {
		return nil, invalid(op, field, "is the zero time, or in no year from 1 to 9999")
	}
	return &utc, nil
}

// common checks what a create and an update share, and makes of it what is sent.
func common(op operation, name string, condition Condition, policies []Policy) (Condition, []Policy, error) {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxNameLength {
		return Condition{}, nil, invalid(op, "name", fmt.Sprintf("has %d characters; 1 to %d are possible", n, maxNameLength))
	}
	if len(policies) == 0 {
		return Condition{}, nil, invalid(op, "policies", "is empty")
	}
	for i, p := range policies {
		if err := checkPolicy(op, i, p); err != nil {
			return Condition{}, nil, err
		}
	}
	sent, err := sendableCondition(op, condition)
	return sent, sendable(policies), err
}

func checkPolicy(op operation, i int, p Policy) error {
	field := func(name string) string { return fmt.Sprintf("policies[%d].%s", i, name) }
	switch {
	case p.Effect == "":
		return invalid(op, field("effect"), "is empty")
	case !p.Effect.Valid():
		return invalid(op, field("effect"), "must be allow or deny")
	case len(p.PermissionGroups) == 0:
		return invalid(op, field("permission_groups"), "is empty")
	case len(p.Resources) == 0:
		return invalid(op, field("resources"), "is empty")
	}
	for j, g := range p.PermissionGroups {
		if g.ID == "" {
			return invalid(op, field(fmt.Sprintf("permission_groups[%d].id", j)), "is empty")
		}
	}
	for name, v := range p.Resources {
		if err := v.Err(); err != nil {
			return fmt.Errorf("cftokens: %s: %w: %s[%q]: %w", op.id, ErrInvalidArgument, field("resources"), name, err)
		}
	}
	return nil
}

// sendableCondition leaves empty lists out, for the API takes an empty list of
// addresses as "nobody".
func sendableCondition(op operation, c Condition) (Condition, error) {
	var sent Condition
	for _, list := range []struct {
		field string
		from  []string
		to    *[]string
	}{
		{"condition.request_ip.in", c.RequestIP.In, &sent.RequestIP.In},
		{"condition.request_ip.not_in", c.RequestIP.NotIn, &sent.RequestIP.NotIn},
	} {
		for i, cidr := range list.from {
			if !isNetwork(cidr) {
				return Condition{}, invalid(op, fmt.Sprintf("%s[%d]", list.field, i), "is neither an address nor a network in CIDR notation")
			}
		}
		if len(list.from) > 0 {
			*list.to = slices.Clone(list.from)
		}
	}
	return sent, nil
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Zone() == ""
}
