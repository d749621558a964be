package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// grant is the token that the flags describe.
type grant struct {
	name      string
	account   string // that owns the token, empty for the user
	groups    list   // "scope:name"
	zones     list
	accounts  list
	users     list
	addresses list
	expires   time.Duration
}

// list is a flag that can be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// kinds are the scopes that groups can be asked for by, in the order of policies,
// with the resources that such groups are granted on.
var kinds = []struct {
	name, flag string
	scope      cftokens.Scope
	ids        func(*grant) list
	resource   func(id string) resource.Resource
}{
	{"zone", "-zone", cftokens.ScopeAccountZone, func(g *grant) list { return g.zones }, resource.Zone},
	{"account", "-on-account", cftokens.ScopeAccount, func(g *grant) list { return g.accounts }, resource.Account},
	{"user", "-user", cftokens.ScopeUser, func(g *grant) list { return g.users }, resource.User},
}

func parse(args []string, stderr io.Writer) (*grant, error) {
	var g grant
	flags := flag.NewFlagSet("issue", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&g.name, "name", "", "name of the token")
	flags.StringVar(&g.account, "account", os.Getenv("CLOUDFLARE_ACCOUNT_ID"),
		"`ID` of the account that owns the token, from CLOUDFLARE_ACCOUNT_ID if that is set; empty for a token of the user")
	flags.Var(&g.groups, "group", "`scope:name` of a permission group, such as \"zone:DNS Write\"; the scope is zone, account or user (repeatable)")
	flags.Var(&g.zones, "zone", "`id` of a zone that zone groups are granted on (repeatable)")
	flags.Var(&g.accounts, "on-account", "`id` of an account that account groups are granted on (repeatable); default: that of -account")
	flags.Var(&g.users, "user", "`id` of the user that user groups are granted on")
	flags.Var(&g.addresses, "ip", "`address` or network from which the token is accepted (repeatable); default: from everywhere")
	flags.DurationVar(&g.expires, "expires", 0, "how long the token is accepted; default: for ever")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case g.name == "":
		return nil, errors.New("-name is needed")
	case len(g.groups) == 0:
		return nil, errors.New("-group is needed")
	case g.expires < 0:
		return nil, errors.New("-expires is negative")
	}
	return &g, g.check()
}

// check rejects groups without resources and resources without groups: the caller
// expects the token to grant something else than it would. Account groups are granted on
// the account that owns the token, unless the flags name another.
func (g *grant) check() error {
	asked := map[string]bool{}
	for _, group := range g.groups {
		scope, name, ok := strings.Cut(group, ":")
		if !ok || name == "" {
			return fmt.Errorf("-group %q is not of the form scope:name", group)
		}
		asked[scope] = true
	}
	if asked["account"] && len(g.accounts) == 0 && g.account != "" {
		g.accounts = list{g.account}
	}
	for _, kind := range kinds {
		ids := kind.ids(g)
		switch {
		case asked[kind.name] && len(ids) == 0:
			return fmt.Errorf("a %s group needs %s", kind.name, kind.flag)
		case !asked[kind.name] && len(ids) > 0:
			return fmt.Errorf("%s is of no use without a %s group", kind.flag, kind.name)
		}
		delete(asked, kind.name)
	}
	for scope := range asked {
		return fmt.Errorf("-group: unknown scope %q; zone, account and user are known", scope)
	}
	return nil
}

// policies makes a policy for each scope, for groups of different scopes cannot
// share one.
func (g *grant) policies(ctx context.Context, client *cftokens.Client) (policies []cftokens.Policy, err error) {
	for _, kind := range kinds {
		policy := cftokens.Policy{Effect: cftokens.EffectAllow}
		for _, group := range g.groups {
			scope, name, _ := strings.Cut(group, ":")
			if scope != kind.name {
				continue
			}
			found, err := client.FindPermissionGroup(ctx, name, kind.scope)
			if err != nil {
				return nil, err
			}
			policy.PermissionGroups = append(policy.PermissionGroups, cftokens.PermissionGroupRef{ID: found.ID})
		}
		if len(policy.PermissionGroups) == 0 {
			continue
		}
		var resources []resource.Resource
		for _, id := range kind.ids(g) {
			resources = append(resources, kind.resource(id))
		}
		policy.Resources = resource.Of(resources...)
		policies = append(policies, policy)
	}
	return policies, nil
}
