package main

import (
	"context"
	"flag"
	"io"
	"strings"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// grant describes the token to create, as given by the flags.
type grant struct {
	name      string
	account   string // that owns the token, empty for the user
	groups    list   // "scope:name"
	zones     list
	accounts  list
	users     list
	workers   list
	addresses list
	expires   cli.Duration
	json      bool
}

// list is a flag that can be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// kinds lists the scopes that -group accepts, in the order of policies, with the
// resources that such groups are granted on.
var kinds = []struct {
	name, flag string
	scope      cftokens.Scope
	ids        func(*grant) list
	resource   func(account, id string) resource.Resource
}{
	{"zone", "-zone", cftokens.ScopeAccountZone, func(g *grant) list { return g.zones }, alone(resource.Zone)},
	{"account", "-on-account", cftokens.ScopeAccount, func(g *grant) list { return g.accounts }, alone(resource.Account)},
	{"user", "-user", cftokens.ScopeUser, func(g *grant) list { return g.users }, alone(resource.User)},
	{"worker", "-worker", cftokens.ScopeWorkerScript, func(g *grant) list { return g.workers }, resource.Worker},
}

// alone adapts a function for resources that are not named together with their account.
func alone(f func(id string) resource.Resource) func(account, id string) resource.Resource {
	return func(_, id string) resource.Resource { return f(id) }
}

func parse(args []string, stdout io.Writer) (*grant, error) {
	var g grant
	flags := flag.NewFlagSet("issue", flag.ContinueOnError)
	account := cli.Account(flags)
	flags.StringVar(&g.name, "name", "", "`name` of the token")
	flags.Var(&g.groups, "group", "`scope:name` of a permission group, such as \"zone:DNS Write\"; scopes: zone, account, user, worker (repeatable)")
	flags.Var(&g.zones, "zone", "`ID` of a zone that zone groups are granted on (repeatable)")
	flags.Var(&g.accounts, "on-account", "`ID` of an account that account groups are granted on (repeatable); default: that of -account")
	flags.Var(&g.users, "user", "`ID` of the user that user groups are granted on")
	flags.Var(&g.workers, "worker", "`script tag` of a Worker of -account that worker groups are granted on (repeatable)")
	flags.Var(&g.addresses, "ip", "`address` or network from which the token is accepted (repeatable); default: any")
	flags.Var(&g.expires, "expires", "`duration` after which the token expires, such as 30d or 12h; default: never")
	flags.BoolVar(&g.json, "json", false, "print JSON instead of only the value")
	if err := cli.Parse(flags, doc, args, stdout); err != nil {
		return nil, err
	}
	if err := cli.NoArgs(flags); err != nil {
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

// check rejects groups without resources and resources without groups, because the
// token would not grant what the caller expects. Account groups are granted on
// the account that owns the token, unless the flags name another.
func (g *grant) check() error {
	requested := map[string]bool{}
	for _, group := range g.groups {
		scope, name, ok := strings.Cut(group, ":")
		if !ok || name == "" {
			return cli.Usagef("-group %q must have the form scope:name", group)
		}
		requested[scope] = true
	}
	if requested["account"] && len(g.accounts) == 0 && g.account != "" {
		g.accounts = list{g.account}
	}
	for _, kind := range kinds {
		ids := kind.ids(g)
		switch {
		case requested[kind.name] && len(ids) == 0:
			return cli.Usagef("a %s group requires %s", kind.name, kind.flag)
		case !requested[kind.name] && len(ids) > 0:
			return cli.Usagef("%s has no effect without a %s group", kind.flag, kind.name)
		}
		delete(requested, kind.name)
	}
	for scope := range requested {
		return cli.Usagef("-group: unknown scope %q; must be zone, account, user or worker", scope)
	}
	if len(g.workers) > 0 && g.account == "" {
		return cli.Usagef("-worker requires -account: only account tokens can be limited to single Workers")
	}
	return nil
}

// policies returns a policy for each scope, so that groups are granted only on the resources
// of their scope.
func (g *grant) policies(ctx context.Context, client *cftokens.Client) (policies []cftokens.Policy, err error) {
	for _, kind := range kinds {
		var names []string
		for _, group := range g.groups {
			if scope, name, _ := strings.Cut(group, ":"); scope == kind.name {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		groups, err := client.FindPermissionGroups(ctx, kind.scope, names...)
		if err != nil {
			return nil, err
		}
		var resources []resource.Resource
		for _, id := range kind.ids(g) {
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
