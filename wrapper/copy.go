package cftokens

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

func (r *replacement) create(ctx context.Context) (*editable[TokenCreate], error) {
	body, err := createBody(r.asked)
	if err != nil {
		return nil, err
	}
	return result(do(ctx, r.client, r.client.owner.createToken(), body, expected[editable[TokenCreate]]{
		check:   func(e *editable[TokenCreate]) bool { return !e.read.Value.IsZero() },
		problem: noValue,
		found:   func(t CreatedToken) *editable[TokenCreate] { return &editable[TokenCreate]{read: t} },
	}))
}

// check returns an error if the copy is not what was asked for. The response to a create may
// not show everything, so the token is fetched, and compared again, if there is a difference.
func (r *replacement) check(ctx context.Context, created *editable[TokenCreate]) error {
	if r.problem(created) == "" {
		return nil
	}
	fetched, err := get(ctx, r.client, created.read.ID, editableWithID[TokenCreate](created.read.ID))
	if err != nil {
		return fmt.Errorf("comparing the copy: %w", err)
	}
	if problem := r.problem(fetched); problem != "" {
		return fmt.Errorf("%w: the copy differs in %s", ErrLossyUpdate, r.client.sanitize(problem))
	}
	return nil
}

// problem returns how a copy differs from what was asked for, or "".
func (r *replacement) problem(copied *editable[TokenCreate]) string {
	if problem := cmp.Or(difference(r.asked, copied.contents), copied.unknown); problem != "" {
		return problem
	}
	for _, property := range slices.Sorted(maps.Keys(r.old.others)) {
		if !reflect.DeepEqual(r.old.others[property], copied.others[property]) {
			return property
		}
	}
	return ""
}

// difference returns how the contents of a token differ from what was asked for, or "".
func difference(asked, got TokenCreate) string {
	switch {
	case !SamePolicies(asked.Policies, got.Policies):
		if missing := missingGroups(asked.Policies, got.Policies); len(missing) > 0 {
			return "policies: it lacks the permission groups " + strings.Join(missing, ", ")
		}
		return "policies"
	case !SameCondition(withoutEmpty(asked.Condition), got.Condition):
		return "condition"
	case !sameSecond(asked.ExpiresOn, got.ExpiresOn):
		return "expires_on"
	case !sameSecond(future(asked.NotBefore), future(got.NotBefore)):
		return "not_before"
	}
	// Name does not restrict the token; a property that is added to openapi.yaml may.
	for _, t := range []*TokenCreate{&asked, &got} {
		t.Name, t.Policies, t.Condition, t.ExpiresOn, t.NotBefore = "", nil, Condition{}, nil, nil
	}
	if !reflect.DeepEqual(asked, got) {
		return "a property"
	}
	return ""
}

// missingGroups returns the permission groups that are in asked, but not in got.
func missingGroups(asked, got []Policy) (missing []string) {
	has := map[string]bool{}
	for _, p := range got {
		for _, g := range p.PermissionGroups {
			has[g.ID] = true
		}
	}
	for _, p := range asked {
		for _, g := range p.PermissionGroups {
			if !has[g.ID] {
				has[g.ID] = true
				missing = append(missing, strings.TrimSpace(g.ID+" "+g.Name))
			}
		}
	}
	return missing
}

// future returns t, or nil if it has passed.
func future(t *time.Time) *time.Time {
	if t == nil || time.Until(*t) <= 0 {
		return nil
	}
	return t
}

// sameSecond reports whether a and b, which may be nil, are the same for the API.
func sameSecond(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Unix() == b.Unix()
}
