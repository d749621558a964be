package cftokenstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// policy is a policy as it is answered.
type policy struct {
	ID               string          `json:"id"`
	Effect           string          `json:"effect"`
	Resources        json.RawMessage `json:"resources"`
	PermissionGroups []groupRef      `json:"permission_groups"`
}

type groupRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ownPolicies returns policies that grant every operation.
func ownPolicies(s *store) json.RawMessage {
	var policies []policy
	for _, g := range managingGroups() {
		policies = append(policies, policy{
			ID: s.newID(), Effect: "allow", Resources: mustEncode(map[string]string{g.Scopes[0] + ".*": "*"}),
			PermissionGroups: []groupRef{{g.ID, g.Name}},
		})
	}
	return mustEncode(policies)
}

// readPolicies returns the policies as they are answered: with new ids, with the
// names of their groups, and in another order than they were sent in.
func (in properties) readPolicies(s *store) (json.RawMessage, *answer) {
	var list []json.RawMessage
	ok, problem := in.read("policies", "policies", "an array", &list)
	switch {
	case problem != nil:
		return nil, problem
	case !ok: // an empty list is accepted: tokens without policies occur
		return nil, invalid("policies must be present")
	}
	policies := make([]policy, len(list))
	for i, raw := range list {
		p, problem := readPolicy(raw, fmt.Sprintf("policies[%d]", i), s.account)
		if problem != nil {
			return nil, problem
		}
		policies[i] = p
	}
	for i := range policies {
		policies[i].ID = s.newID()
	}
	slices.Reverse(policies)
	return mustEncode(policies), nil
}

func readPolicy(raw json.RawMessage, path, account string) (p policy, problem *answer) {
	var in, resources properties
	if err := json.Unmarshal(raw, &in); err != nil || in == nil {
		return p, invalid(path + " must be an object")
	}
	if _, ok := in["id"]; ok {
		return p, refuse(http.StatusBadRequest, codeRefused, "Reusing existing policies is not supported by token creation")
	}
	if _, problem := in.read("effect", path+".effect", "a string", &p.Effect); problem != nil {
		return p, problem
	}
	if p.Effect != "allow" && p.Effect != "deny" {
		return p, invalid(path + ".effect must be one of allow, deny")
	}
	groups, problem := in.readGroups(path)
	if problem != nil {
		return p, problem
	}
	if _, problem := in.read("resources", path+".resources", "an object", &resources); problem != nil {
		return p, problem
	}
	if len(resources) == 0 {
		return p, invalid(path + ".resources must not be empty")
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, in["resources"]) // it was decoded before
	p.Resources = compact.Bytes()

	if account != "" && resources[scopeZone+".*"] != nil {
		return p, refuse(http.StatusBadRequest, codeRefused, "must specify a zone for account owned tokens")
	}
	for _, g := range groups {
		if manages(g) {
			return p, refuse(http.StatusBadRequest, codeRefused, "sub-token is not allowed to have permissions to manage other tokens")
		}
		for _, name := range slices.Sorted(maps.Keys(resources)) {
			if !fits(g.Scopes[0], name, resources[name]) || outside(account, name) {
				return p, refuse(http.StatusBadRequest, codeRefused,
					fmt.Sprintf("Failed common permission check against resources. (Permission group: %q)", g.Name))
			}
		}
		p.PermissionGroups = append(p.PermissionGroups, groupRef{g.ID, g.Name})
	}
	slices.Reverse(p.PermissionGroups)
	return p, nil
}

// readGroups finds a policy's permission groups in the catalogue.
func (in properties) readGroups(path string) (groups []permissionGroup, problem *answer) {
	var list []properties
	path += ".permission_groups"
	if _, problem := in.read("permission_groups", path, "an array of objects", &list); problem != nil {
		return nil, problem
	}
	if len(list) == 0 {
		return nil, invalid(path + " must not be empty")
	}
	for _, ref := range list {
		var id string
		rules := "These rules must pass for " + path + "\n- id"
		if _, problem := ref.read("id", rules, "a string", &id); problem != nil {
			return nil, problem
		}
		if id == "" {
			return nil, invalid(rules + " must be present")
		}
		g, ok := groupByID(id)
		if !ok {
			return nil, refuse(http.StatusBadRequest, codeRefused, "Permission group "+id+" not found")
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// setPolicies takes policies in any form; what it cannot read of them grants
// nothing.
func (t *token) setPolicies(raw json.RawMessage) {
	t.policies, t.allowed, t.denied = raw, nil, nil
	var policies []json.RawMessage
	_ = json.Unmarshal(raw, &policies)
	for _, raw := range policies {
		var p policy
		_ = json.Unmarshal(raw, &p)
		for _, g := range p.PermissionGroups {
			if p.Effect == "allow" {
				t.allowed = append(t.allowed, g.ID)
			} else {
				t.denied = append(t.denied, g.ID)
			}
		}
	}
}
