package cftokens

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SamePolicies reports whether a and b are equivalent, ignoring policy order, policy
// IDs, and the order, names and metadata of permission groups. The API reorders
// policies and renews their IDs with each update.
func SamePolicies(a, b []Policy) bool {
	return maps.Equal(policySet(a), policySet(b))
}

func policySet(policies []Policy) map[string]bool {
	set := make(map[string]bool, len(policies))
	for _, p := range writable(policies) {
		slices.SortFunc(p.PermissionGroups, func(a, b PermissionGroupRef) int { return strings.Compare(a.ID, b.ID) })
		p.PermissionGroups = slices.CompactFunc(p.PermissionGroups, func(a, b PermissionGroupRef) bool { return a.ID == b.ID })
		// Not all policies can be encoded as JSON, which also replaces what is not UTF-8.
		set[fmt.Sprintf("%#v", p)] = true
	}
	return set
}

// writable returns a copy of policies without read-only fields.
func writable(policies []Policy) []Policy {
	policies = slices.Clone(policies)
	for i := range policies {
		p := &policies[i]
		p.ID = ""
		p.PermissionGroups = slices.Clone(p.PermissionGroups)
		for j := range p.PermissionGroups {
			p.PermissionGroups[j].Name, p.PermissionGroups[j].Meta = "", nil
		}
	}
	return policies
}
