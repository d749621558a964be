package cftokens_test

import (
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func TestSamePolicies(t *testing.T) {
	t.Parallel()
	group := func(ids ...string) (groups []cftokens.PermissionGroupRef) {
		for _, id := range ids {
			groups = append(groups, cftokens.PermissionGroupRef{ID: id, Name: "name of " + id})
		}
		return groups
	}
	a := cftokens.Policy{ID: "1", Effect: cftokens.EffectAllow, PermissionGroups: group("x", "y"), Resources: resource.Of(resource.Zone("a"), resource.Zone("b"))}
	b := cftokens.Policy{ID: "2", Effect: cftokens.EffectDeny, PermissionGroups: group("z"), Resources: resource.Of(resource.AllZones())}
	all := b.Resources["com.cloudflare.api.account.zone.*"]
	changed := func(p cftokens.Policy, change func(*cftokens.Policy)) cftokens.Policy {
		change(&p)
		return p
	}
	renewed := changed(a, func(p *cftokens.Policy) {
		p.ID = "3"
		p.PermissionGroups = []cftokens.PermissionGroupRef{{ID: "y"}, {ID: "x", Meta: map[string]string{"key": "k"}}, {ID: "x"}}
	})
	for _, tt := range []struct {
		name string
		a, b []cftokens.Policy
		want bool
	}{
		{name: "none", b: []cftokens.Policy{}, want: true},
		{name: "the same", a: []cftokens.Policy{a, b}, b: []cftokens.Policy{a, b}, want: true},
		{name: "other order, IDs and names", a: []cftokens.Policy{a, b}, b: []cftokens.Policy{b, renewed}, want: true},
		{name: "repeated policy", a: []cftokens.Policy{a}, b: []cftokens.Policy{a, renewed}, want: true},
		{name: "one more", a: []cftokens.Policy{a}, b: []cftokens.Policy{a, b}},
		{name: "other effect", a: []cftokens.Policy{a}, b: []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Effect = cftokens.EffectDeny })}},
		{name: "a group missing", a: []cftokens.Policy{a}, b: []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.PermissionGroups = group("x") })}},
		{name: "other resources", a: []cftokens.Policy{a}, b: []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("a")) })}},
		{
			name: "permission that looks like nested resources",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Named("k", "n")) })},
			b:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Named("k")) })},
		},
		{
			name: "invalid resources",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
			b:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Account("")) })},
		},
		{
			name: "same invalid resource",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
			b:    []cftokens.Policy{changed(renewed, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
			want: true,
		},
		{
			name: "invalid resource in other policies",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
			b:    []cftokens.Policy{changed(b, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
		},
		{
			name: "group IDs that are not UTF-8",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.PermissionGroups = group("x\xff") })},
			b:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.PermissionGroups = group("x\xfe") })},
		},
		{
			name: "resource names that are not UTF-8",
			a:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Map{"x\xff": all} })},
			b:    []cftokens.Policy{changed(a, func(p *cftokens.Policy) { p.Resources = resource.Map{"x\xfe": all} })},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := cftokens.SamePolicies(tt.a, tt.b); got != tt.want {
				t.Errorf("SamePolicies(a, b) = %v, want %v", got, tt.want)
			}
			if got := cftokens.SamePolicies(tt.b, tt.a); got != tt.want {
				t.Errorf("SamePolicies(b, a) = %v, want %v", got, tt.want)
			}
		})
	}
	if a.PermissionGroups[0].ID != "x" || a.PermissionGroups[0].Name == "" {
		t.Error("SamePolicies() changed a policy")
	}
}
