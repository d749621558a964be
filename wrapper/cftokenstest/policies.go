package cftokenstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// policy is a policy as the API returns it.
type policy struct {
	ID               string          `json:"id"`
	Effect           gen.Effect      `json:"effect"`
	Resources        json.RawMessage `json:"resources"`
	PermissionGroups []groupRef      `json:"permission_groups"`
}

type groupRef struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// serverPolicies returns the policies of the server's own credential: one for each
// scope of the permission groups that manage tokens.
func serverPolicies(newID func() string) json.RawMessage {
	var policies []policy
	for _, scope := range []string{scopeUser, scopeAccount} {
		p := policy{ID: newID(), Effect: gen.EffectAllow, Resources: mustEncode(map[string]string{scope + ".*": "*"})}
		for _, g := range managingGroups() {
			if slices.Contains(g.Scopes, scope) {
				p.PermissionGroups = append(p.PermissionGroups, groupRef{g.ID, g.Name})
			}
		}
		policies = append(policies, p)
	}
	return mustEncode(policies)
}

// readPolicies returns the policies of a token as the API returns them: with new IDs,
// with the names of their groups, and in a different order than they were sent in. Only a
// create may omit the list.
func (s *Server) readPolicies(in object, t *token) (json.RawMessage, *response) {
	var list []json.RawMessage
	ok, problem := in.read("policies", "policies", "an array", &list)
	switch {
	case problem != nil:
		return nil, problem
	case !ok && !t.isNew():
		return nil, invalid("policies must be present")
	}
	policies := make([]policy, len(list))
	for i, raw := range list {
		p, problem := s.readPolicy(raw, fmt.Sprintf("policies[%d]", i), t)
		if problem != nil {
			return nil, problem
		}
		policies[i] = p
	}
	for i := range policies {
		policies[i].ID = s.index.newID()
	}
	slices.Reverse(policies)
	return mustEncode(policies), nil
}

// maxGroups limits the permission groups in a policy.
const maxGroups = 300

func (s *Server) readPolicy(raw json.RawMessage, path string, t *token) (p policy, problem *response) {
	var in, resources object
	if err := json.Unmarshal(raw, &in); err != nil || in == nil {
		return p, invalid(path + " must be an object")
	}
	if _, ok := in["id"]; ok && t.isNew() {
		return p, rejected("Reusing existing policies is not supported by token creation")
	}
	if _, problem := in.read("effect", path+".effect", "a string", &p.Effect); problem != nil {
		return p, problem
	}
	if !p.Effect.Valid() {
		return p, notAllowed(path+".effect", string(p.Effect))
	}
	groups, problem := s.readGroups(in, path+".permission_groups")
	if problem != nil {
		return p, problem
	}
	if ok, problem := in.read("resources", path+".resources", "an object", &resources); !ok || problem != nil {
		return p, cmp.Or(problem, invalid(path+".resources must be present"))
	}
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		if problem := t.readResource(name, resources[name], path+".resources"); problem != nil {
			return p, problem
		}
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, in["resources"]) // it was decoded before
	p.Resources = compact.Bytes()

	for _, g := range groups {
		switch {
		case p.Effect != gen.EffectAllow:
		case createsTokens(g.ID) && !slices.ContainsFunc(t.allowed, func(old grant) bool { return old.group == g.ID }):
			return p, rejected("sub-token is not allowed to have permissions to manage other tokens")
		case slices.Contains(g.Scopes, scopeAccount) && onlyZones(resources):
			return p, failedCheck(g)
		}
		p.PermissionGroups = append(p.PermissionGroups, groupRef{g.ID, g.Name})
	}
	slices.Reverse(p.PermissionGroups)
	return p, nil
}

// failedCheck is the response to a permission group that cannot be granted.
func failedCheck(g permissionGroup) *response {
	return rejected(fmt.Sprintf("Failed common permission check against resources. (Permission group: %q)", cmp.Or(g.Name, g.ID)))
}

// readGroups reads a policy's permission groups. Those that are not in the catalog, which
// is incomplete, have no name and no scope.
func (s *Server) readGroups(in object, path string) (groups []permissionGroup, problem *response) {
	var list []object
	if ok, problem := in.read("permission_groups", path, "an array of objects", &list); !ok || problem != nil {
		return nil, cmp.Or(problem, invalid(path+" must be present"))
	}
	if len(list) > maxGroups {
		return nil, rejected(fmt.Sprintf("%s must have at most %d items", path, maxGroups))
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
		g, ok := s.groups[id]
		if !ok {
			g.ID = id
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// setPolicies accepts policies in any form. An effect that it cannot read denies, and
// resources that it cannot read are none.
func (t *token) setPolicies(raw json.RawMessage) {
	t.policies, t.allowed, t.denied = raw, nil, nil
	var policies []json.RawMessage
	_ = json.Unmarshal(raw, &policies)
	for _, raw := range policies {
		var p policy
		_ = json.Unmarshal(raw, &p)
		var resources object
		_ = json.Unmarshal(p.Resources, &resources)
		direct := make(map[string]string)
		for name, value := range resources {
			direct[name], _, _ = decodePermission(value)
		}
		for _, g := range p.PermissionGroups {
			if p.Effect == gen.EffectAllow {
				t.allowed = append(t.allowed, grant{g.ID, direct})
			} else {
				t.denied = append(t.denied, grant{g.ID, direct})
			}
		}
	}
}

// decodePermission decodes the value of a resource: the permission on it, or those on the
// resources nested in it.
func decodePermission(raw json.RawMessage) (direct string, nested map[string]*string, ok bool) {
	if json.Unmarshal(raw, &direct) == nil {
		return direct, nil, !bytes.Equal(raw, null)
	}
	ok = json.Unmarshal(raw, &nested) == nil && !slices.Contains(slices.Collect(maps.Values(nested)), nil)
	return "", nested, ok
}

// Scopes of permission groups. The names of resources begin with them.
const (
	scopeAccount = "com.cloudflare.api.account"
	scopeZone    = "com.cloudflare.api.account.zone"
	scopeUser    = "com.cloudflare.api.user"
	scopeBucket  = "com.cloudflare.edge.r2.bucket"
	scopeWorker  = "com.cloudflare.edge.worker.script"
)

// onlyZones reports whether resources are zones alone, on which the groups of an account
// cannot be granted.
func onlyZones(resources object) bool {
	for name := range resources {
		if !strings.HasPrefix(name, scopeZone+".") {
			return false
		}
	}
	return len(resources) > 0
}

// withinAccount matches a resource named after an account, instead of nested in it.
var withinAccount = regexp.MustCompile(`^com\.cloudflare\.api\.account\.[0-9a-f]{32}\.`)

// readResource checks a resource of a policy. Only what was observed is rejected.
func (t *token) readResource(name string, value json.RawMessage, path string) *response {
	_, nested, ok := decodePermission(value)
	if !ok {
		return invalid(path + " must have strings, or objects with strings, as values")
	}
	ofUser := t.owner.account == ""
	for _, resource := range append(slices.Sorted(maps.Keys(nested)), name) {
		worker := strings.HasPrefix(resource, scopeWorker+".")
		if worker && (ofUser || nested == nil) || !ofUser && withinAccount.MatchString(resource) {
			return rejected(resource[:strings.LastIndexByte(resource, '.')] + " is not a supported resource type")
		}
	}
	if !ofUser && name == scopeZone+".*" {
		return rejected("Must specify a zone for account owned tokens, or nest zone under specific account resource")
	}
	return nil
}
