package cftokens

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// prepare gets the old token, and returns the request that creates the copy.
func (r *replacement) prepare(ctx context.Context, change func(*TokenCreate) error) (body []byte, err error) {
	c, id := r.client, r.failure.OldID
	env, err := get(ctx, c, id, snapshotID)
	if err != nil {
		return nil, err
	}
	if r.since, err = http.ParseTime(env.header.Get("Date")); err != nil {
		r.since = time.Now()
	}
	old := env.Result
	if old.Status != TokenStatusActive {
		return nil, fmt.Errorf("its status is %s, and only an active token can be replaced", c.sanitize(string(old.Status)))
	}
	var asked TokenCreate
	if err := old.decode(c, &asked); err != nil {
		return nil, err
	}
	if change != nil {
		if err := change(&asked); err != nil {
			return nil, err
		}
	}
	if old.allowsNone() && len(asked.Condition.RequestIP.In) == 0 {
		return nil, errNoAddress
	}
	if body, err = createBody(asked); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &r.want); err != nil {
		return nil, err
	}
	r.want.Policies = asked.Policies // with the names of permission groups
	for name, value := range old.properties {
		if decodeKnown(map[string]any{name: value}, new(CreatedToken)) != nil {
			r.want.properties[name] = value // cannot be requested
		}
	}
	return body, nil
}

// check returns an error if the copy is not what was asked for. The response to a create may
// not show everything, so the token is fetched, and compared again, if there is a difference.
func (r *replacement) check(ctx context.Context, created *snapshot) error {
	if created.properties != nil && difference(&r.want, created) == "" {
		return nil
	}
	fetched, err := result(get(ctx, r.client, created.ID, snapshotID))
	if err != nil {
		return fmt.Errorf("comparing the copy: %w", err)
	}
	if problem := difference(&r.want, fetched); problem != "" {
		return fmt.Errorf("%w: the copy differs in %s", ErrLossyUpdate, r.client.sanitize(problem))
	}
	return nil
}

// difference returns how a token differs from what was asked for, or "".
func difference(want, got *snapshot) string {
	switch {
	case !SamePolicies(want.Policies, got.Policies):
		missing := groupTexts(want.Policies)
		for id := range groupTexts(got.Policies) {
			delete(missing, id)
		}
		if len(missing) > 0 {
			return "policies: it lacks the permission groups " + strings.Join(slices.Sorted(maps.Values(missing)), ", ")
		}
		return "policies"
	case !SameCondition(want.Condition, got.Condition):
		return "condition"
	case !reflect.DeepEqual(wholeSeconds(want.ExpiresOn), wholeSeconds(got.ExpiresOn)):
		return "expires_on"
	case !reflect.DeepEqual(wholeSeconds(future(want.NotBefore)), wholeSeconds(future(got.NotBefore))):
		return "not_before"
	}
	if err := got.checkKnown(); err != nil {
		return err.Error()
	}
	// The name does not restrict the token.
	compared := []string{"name", "policies", "condition", "expires_on", "not_before"}
	for name, value := range want.properties {
		if !slices.Contains(compared, name) && !reflect.DeepEqual(value, got.properties[name]) {
			return name
		}
	}
	return ""
}

// groupTexts returns the IDs and names of the permission groups in policies, by ID.
func groupTexts(policies []Policy) map[string]string {
	texts := map[string]string{}
	for _, p := range policies {
		for _, g := range p.PermissionGroups {
			texts[g.ID] = strings.TrimSpace(g.ID + " " + g.Name)
		}
	}
	return texts
}

// future returns t, or nil if it has passed.
func future(t *time.Time) *time.Time {
	if t == nil || time.Until(*t) <= 0 {
		return nil
	}
	return t
}
