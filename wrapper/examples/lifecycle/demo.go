package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// demo takes a token of the user, or of an account, through its life.
type demo struct {
	out       io.Writer
	zone      string
	account   string // that owns the token, empty for the user
	newClient func(token string) (*cftokens.Client, error)

	client             *cftokens.Client // for the tokens of the owner
	name               string           // prefix of the names of this run's tokens only
	zoneRead, dnsWrite *cftokens.PermissionGroup
}

// In addition to the token, enough others are created that the list has several pages
// of the smallest size that the API allows.
const (
	others   = 5
	pageSize = 5
)

// run manages a token with client, which authenticates with another token.
func (d *demo) run(ctx context.Context, client *cftokens.Client) (err error) {
	d.name = ""
	if d.client, err = d.ofOwner(client); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.cleanUp(ctx)) }()

	if d.account == "" {
		d.say("owner", "the token is the user's")
	} else {
		d.say("owner", "the token is of account %s", d.account)
	}
	if err := d.findGroups(ctx); err != nil {
		return fmt.Errorf("find permission groups: %w", err)
	}
	d.name = "cftokens lifecycle " + rand.Text()[:8]
	token, err := d.create(ctx)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := d.verify(ctx, token); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := d.list(ctx); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	if err := d.edit(ctx, token); err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	if err := d.roll(ctx, token); err != nil {
		return fmt.Errorf("roll: %w", err)
	}
	if err := d.remove(ctx, token.ID); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// ofOwner returns a client for the tokens of the owner. The methods are the same for a
// user and an account.
func (d *demo) ofOwner(client *cftokens.Client) (*cftokens.Client, error) {
	if d.account == "" {
		return client, nil
	}
	return client.Account(d.account)
}

// with returns a client that authenticates with value.
func (d *demo) with(value secret.Value) (*cftokens.Client, error) {
	client, err := d.newClient(value.Reveal())
	if err != nil {
		return nil, err
	}
	return d.ofOwner(client)
}

func (d *demo) say(step, format string, args ...any) {
	fmt.Fprintf(d.out, "%-8s %s\n", step, fmt.Sprintf(format, args...))
}

func (d *demo) findGroups(ctx context.Context) (err error) {
	for _, want := range []struct {
		name  string
		group **cftokens.PermissionGroup
	}{{"Zone Read", &d.zoneRead}, {"DNS Write", &d.dnsWrite}} {
		*want.group, err = d.client.FindPermissionGroup(ctx, want.name, cftokens.ScopeAccountZone)
		if err != nil {
			return err
		}
		d.say("find", "permission group %q for zones has ID %s", want.name, (*want.group).ID)
	}
	return nil
}

func (d *demo) create(ctx context.Context) (*cftokens.CreatedToken, error) {
	expires := time.Now().Add(24 * time.Hour)
	t := cftokens.TokenCreate{
		Name:      d.name,
		ExpiresOn: &expires,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::/32"}}},
		Policies:  []cftokens.Policy{d.policy(d.zoneRead)},
	}
	token, err := d.client.Create(ctx, t)
	if err != nil {
		return nil, err
	}
	if token.Value.IsZero() {
		return nil, errors.New("the token has no value")
	}
	d.say("create", "token %s, %s, for one zone, from %v, until %s, value %v",
		token.ID, token.Status, token.Condition.RequestIP.In, token.ExpiresOn.Format(time.DateOnly), token.Value)
	for i := range others {
		t.Name = fmt.Sprintf("%s, other %d", d.name, i+1)
		if _, err := d.client.Create(ctx, t); err != nil {
			return nil, err
		}
	}
	d.say("create", "%d other tokens, so that there is something to list", others)
	return token, nil
}

func (d *demo) policy(g *cftokens.PermissionGroup) cftokens.Policy {
	return cftokens.Policy{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: []cftokens.PermissionGroupRef{{ID: g.ID}},
		Resources:        resource.Of(resource.Zone(d.zone)),
	}
}

func (d *demo) verify(ctx context.Context, token *cftokens.CreatedToken) error {
	v, err := d.verifyValue(ctx, token.Value)
	if err != nil {
		return err
	}
	if v.ID != token.ID || v.Status != cftokens.TokenStatusActive {
		return fmt.Errorf("got token %s, %s", v.ID, v.Status)
	}
	d.say("verify", "token %s is %s, by its own value", v.ID, v.Status)
	return nil
}

// verifyValue retries: it may take up to a minute until a new value is accepted.
func (d *demo) verifyValue(ctx context.Context, value secret.Value) (*cftokens.Verification, error) {
	client, err := d.with(value)
	if err != nil {
		return nil, err
	}
	patience := time.After(time.Minute)
	for {
		v, err := client.Verify(ctx)
		if !errors.Is(err, cftokens.ErrUnauthorized) {
			return v, err
		}
		select {
		case <-patience:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

func (d *demo) list(ctx context.Context) error {
	var total, pages int
	opts := cftokens.ListOptions{PerPage: pageSize}
	for ok := true; ok; {
		page, err := d.client.List(ctx, opts)
		if err != nil {
			return err
		}
		pages++
		total += len(page.Items)
		opts.Page, ok = page.Next()
	}
	mine, err := d.mine(ctx)
	if err != nil {
		return err
	}
	if len(mine) != 1+others || pages < 2 {
		return fmt.Errorf("%d of %d created tokens on %d pages", len(mine), 1+others, pages)
	}
	d.say("list", "%d tokens on %d pages of %d; the names of %d begin with %q", total, pages, pageSize, len(mine), d.name)
	return nil
}

// mine returns the IDs of the tokens that this run created.
func (d *demo) mine(ctx context.Context) (ids []string, err error) {
	for token, err := range d.client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(token.Name, d.name) {
			ids = append(ids, token.ID)
		}
	}
	return ids, nil
}

func (d *demo) edit(ctx context.Context, token *cftokens.CreatedToken) error {
	want := append(slices.Clone(token.Policies), d.policy(d.dnsWrite))
	edited, err := d.client.Edit(ctx, token.ID, func(u *cftokens.TokenUpdate) error {
		u.Policies = append(u.Policies, d.policy(d.dnsWrite))
		return nil
	})
	if err != nil {
		return err
	}
	kept := edited.Name == token.Name && edited.ExpiresOn.Equal(*token.ExpiresOn) &&
		slices.Equal(edited.Condition.RequestIP.In, token.Condition.RequestIP.In)
	if !kept || !cftokens.SamePolicies(edited.Policies, want) {
		return errors.New("something else has changed")
	}
	d.say("edit", "%d policies now; name, addresses and expiry are as they were", len(edited.Policies))
	return nil
}

func (d *demo) roll(ctx context.Context, token *cftokens.CreatedToken) error {
	value, err := d.client.Roll(ctx, token.ID)
	if err != nil {
		return err
	}
	if _, err := d.verifyValue(ctx, value); err != nil {
		return fmt.Errorf("new value: %w", err)
	}
	d.say("roll", "the new value %v works", value)
	old, err := d.with(token.Value)
	if err != nil {
		return err
	}
	_, err = old.Verify(ctx)
	if !errors.Is(err, cftokens.ErrUnauthorized) {
		return fmt.Errorf("the old value was not rejected: %w", err)
	}
	d.say("roll", "the old value is dead: %v", err)
	return nil
}

func (d *demo) remove(ctx context.Context, id string) error {
	if err := d.client.Delete(ctx, id); err != nil {
		return err
	}
	_, err := d.client.Get(ctx, id)
	if !errors.Is(err, cftokens.ErrNotFound) {
		return fmt.Errorf("the token is still there: %w", err)
	}
	d.say("delete", "the token is gone: %v", err)
	return nil
}

// cleanUp deletes what is left of what run created, after an interrupt too. It goes
// by name, so that it finds a token whose creation got no answer.
func (d *demo) cleanUp(ctx context.Context) error {
	if d.name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	ids, err := d.mine(ctx)
	if err != nil {
		return fmt.Errorf("clean up: tokens whose names begin with %q may be left: %w", d.name, err)
	}
	var errs []error
	for _, id := range ids {
		if err := d.client.Delete(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("clean up: token %s is left: %w", id, err))
		}
	}
	d.say("clean up", "%d tokens deleted", len(ids)-len(errs))
	return errors.Join(errs...)
}
