package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// grant describes the token to create, as given by the flags.
type grant struct {
	name      string
	account   string               // that owns the token, empty for the user
	groups    map[string][]string  // names by scope
	resources map[string]*[]string // IDs by scope
	addresses []string
	expires   *time.Duration
	json      bool
}

// kinds lists the scopes that -group accepts, in the order of policies, with the
// resources that such groups are granted on.
var kinds = []struct {
	name, flag, usage string
	scope             cftokens.Scope
	resource          func(account, id string) resource.Resource
}{
	{"zone", "zone", "`ID` of a zone that zone groups are granted on (repeatable)", cftokens.ScopeAccountZone, func(_, id string) resource.Resource { return resource.Zone(id) }},
	{"account", "on-account", "`ID` of an account that account groups are granted on (repeatable); default: that of -account", cftokens.ScopeAccount, func(_, id string) resource.Resource { return resource.Account(id) }},
	{"user", "user", "`ID` of the user that user groups are granted on", cftokens.ScopeUser, func(_, id string) resource.Resource { return resource.User(id) }},
	{"worker", "worker", "`script tag`, not name, of a Worker of -account that worker groups are granted on (repeatable)", cftokens.ScopeWorkerScript, resource.Worker},
}

func parse(args []string, stdout io.Writer) (*grant, error) {
	g := grant{groups: map[string][]string{}, resources: map[string]*[]string{}}
	flags := flag.NewFlagSet("issue", flag.ContinueOnError)
	account := cli.Account(flags)
	flags.StringVar(&g.name, "name", "", "`name` of the token")
	flags.Func("group", "`scope:name` of a permission group, such as \"zone:DNS Write\"; scopes: zone, account, user, worker (repeatable)", g.addGroup)
	for _, kind := range kinds {
		g.resources[kind.name] = cli.IDs(flags, kind.flag, kind.usage)
	}
	flags.Func("ip", "`address` or network from which the token is accepted (repeatable); default: any", g.addAddress)
	g.expires = cli.Duration(flags, "expires", 0, "`duration` after which the token expires, such as 30d or 12h; default: never")
	flags.BoolVar(&g.json, "json", false, "print JSON instead of only the value")
	if err := cli.Parse(flags, doc, args, stdout, false); err != nil {
		return nil, err
	}
	g.account = *account
	switch {
	case g.name == "":
		return nil, cli.Usagef("-name is required")
	case len(g.groups) == 0:
		return nil, cli.Usagef("-group is required")
	}
	return &g, g.check()
}

func (g *grant) addGroup(group string) error {
	scope, name, _ := strings.Cut(group, ":")
	if g.resources[scope] == nil || name == "" {
		return errors.New("want scope:name, with the scope zone, account, user or worker")
	}
	if slices.Contains(g.groups[scope], name) {
		return errors.New("given twice")
	}
	g.groups[scope] = append(g.groups[scope], name)
	return nil
}

func (g *grant) addAddress(address string) error {
	g.addresses = append(g.addresses, address)
	if _, err := netip.ParsePrefix(address); err == nil {
		return nil
	}
	if _, err := netip.ParseAddr(address); err != nil {
		return errors.New("want an address or a network, such as 192.0.2.1 or 2001:db8::/32")
	}
	return nil
}

// check rejects groups without resources and resources without groups, because the
// token would not grant what the caller expects. Account groups are granted on
// the account that owns the token, unless the flags name another.
func (g *grant) check() error {
	if on := g.resources["account"]; len(*on) == 0 && g.account != "" && len(g.groups["account"]) > 0 {
		*on = []string{g.account}
	}
	for _, kind := range kinds {
		switch ids := *g.resources[kind.name]; {
		case len(g.groups[kind.name]) > 0 && len(ids) == 0:
			return cli.Usagef("groups of scope %s require -%s", kind.name, kind.flag)
		case len(g.groups[kind.name]) == 0 && len(ids) > 0:
			return cli.Usagef("-%s has no effect without a group of scope %s", kind.flag, kind.name)
		}
	}
	if len(g.groups["worker"]) > 0 && g.account == "" {
		return cli.Usagef("-worker requires -account: only account tokens can be limited to single Workers")
	}
	return nil
}

// policies returns a policy for each scope, so that groups are granted only on the resources
// of their scope.
func (g *grant) policies(ctx context.Context, client *cftokens.Client) (policies []cftokens.Policy, err error) {
	for _, kind := range kinds {
		names := g.groups[kind.name]
		if len(names) == 0 {
			continue
		}
		groups, err := client.FindPermissionGroups(ctx, kind.scope, names...)
		if errors.Is(err, cftokens.ErrNotFound) || errors.Is(err, cftokens.ErrAmbiguous) {
			return nil, asTyped(err, kind.name, kind.scope, names)
		}
		if err != nil {
			return nil, err
		}
		var resources []resource.Resource
		for _, id := range *g.resources[kind.name] {
			resources = append(resources, kind.resource(g.account, id))
		}
		policies = append(policies, cftokens.Policy{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: groups,
			Resources:        resource.Of(resources...),
		})
	}
	return policies, nil
}

// asTyped returns err with groups and scopes as they are given to -group.
func asTyped(err error, kind string, scope cftokens.Scope, names []string) error {
	words := []string{"cftokens: ", ""}
	for _, name := range names {
		words = append(words, fmt.Sprintf("permission group %q in scope %q", name, scope), fmt.Sprintf("-group %q", kind+":"+name))
	}
	for _, kind := range kinds { // the name of the zone's scope begins with that of the account's
		words = append(words, string(kind.scope), kind.name)
	}
	return errors.New(strings.NewReplacer(words...).Replace(err.Error()))
}
