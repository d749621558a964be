package cftokens

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// SamePolicies tells whether a and b grant and deny the same, as sets: whatever
// the order of policies and of the groups in them, and whatever the ids of
// policies. The API reorders both and renews policy ids with each update. Names
// and attributes of groups do not count, their ids do.
func SamePolicies(a, b []Policy) bool {
	return maps.Equal(policySet(a), policySet(b))
}

func policySet(policies []Policy) map[string]bool {
	set := make(map[string]bool, len(policies))
	for _, p := range sendable(policies) {
		slices.SortFunc(p.PermissionGroups, func(a, b PermissionGroupRef) int { return strings.Compare(a.ID, b.ID) })
		p.PermissionGroups = slices.CompactFunc(p.PermissionGroups, func(a, b PermissionGroupRef) bool { return a.ID == b.ID })
		key, err := json.Marshal(p)
		if err != nil {
			// Resources that cannot be sent are told apart by their texts.
			key = []byte(err.Error())
		}
		set[string(key)] = true
	}
	return set
}

// sendable copies policies without what is read-only: ids of policies, and names
// and attributes of groups.
func sendable(policies []Policy) []Policy {
	sent := make([]Policy, len(policies))
	for i, p := range policies {
		groups := make([]PermissionGroupRef, len(p.PermissionGroups))
		for j, g := range p.PermissionGroups {
			groups[j] = PermissionGroupRef{ID: g.ID}
		}
		sent[i] = Policy{Effect: p.Effect, PermissionGroups: groups, Resources: p.Resources}
	}
	return sent
}
