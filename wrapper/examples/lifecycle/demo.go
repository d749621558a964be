package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/examples/internal/cli"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// demo takes a user token or an account token through its lifecycle.
type demo struct {
	out    io.Writer
	client *cftokens.Client // for the owner's tokens
	zone   string

	zoneRead, dnsWrite cftokens.PermissionGroupRef
	name               string // of this run's token
	token              *cftokens.CreatedToken
	values             []string // that this run got
}

// run takes each step and prints what it returns.
func (d *demo) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, d.cleanUp(ctx)) }()
	for _, step := range []struct {
		name string
		take func(context.Context) (string, error)
	}{
		{"find", d.find},
		{"create", d.create},
		{"verify", d.verify},
		{"list", d.list},
		{"edit", d.edit},
		{"roll", d.roll},
		{"delete", d.remove},
	} {
		did, err := step.take(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		d.say(step.name, did)
	}
	return nil
}

func (d *demo) say(step, did string) { cli.Linef(d.out, "  %-8s  %s", step, did) }

func (d *demo) find(ctx context.Context) (string, error) {
	groups, err := d.client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "Zone Read", "DNS Write")
	if err != nil {
		return "", err
	}
	d.zoneRead, d.dnsWrite = groups[0], groups[1]
	return fmt.Sprintf("permission groups %s (%s) and %s (%s)",
		d.zoneRead.Name, short(d.zoneRead.ID), d.dnsWrite.Name, short(d.dnsWrite.ID)), nil
}

func (d *demo) create(ctx context.Context) (_ string, err error) {
	d.name = "cftokens lifecycle " + rand.Text()[:8]
	expires := time.Now().Add(24 * time.Hour)
	d.token, err = d.client.Create(cli.Linger(ctx, 10*time.Second), cftokens.TokenCreate{
		Name:      d.name,
		ExpiresOn: &expires,
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::/32"}}},
		Policies:  []cftokens.Policy{d.policy(d.zoneRead)},
	})
	if err != nil {
		return "", err
	}
	d.values = append(d.values, d.token.Value.Reveal())
	return fmt.Sprintf("token %s, %s, for one zone and %d networks, until %s, value %v", short(d.token.ID), d.token.Status,
		len(d.token.Condition.RequestIP.In), d.token.ExpiresOn.Format(time.DateOnly), d.token.Value), nil
}

func (d *demo) policy(group cftokens.PermissionGroupRef) cftokens.Policy {
	return cftokens.Policy{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: []cftokens.PermissionGroupRef{group},
		Resources:        resource.Of(resource.Zone(d.zone)),
	}
}

func (d *demo) verify(ctx context.Context) (string, error) {
	v, err := d.client.WaitUntilActive(ctx, d.token.Value)
	if err != nil {
		return "", err
	}
	if v.ID != d.token.ID {
		return "", fmt.Errorf("got token %s", v.ID)
	}
	return fmt.Sprintf("the value authenticates as token %s, %s", short(v.ID), v.Status), nil
}

func (d *demo) list(ctx context.Context) (string, error) {
	total, mine, err := d.listAll(ctx)
	if err == nil && len(mine) != 1 {
		err = fmt.Errorf("%d created tokens", len(mine))
	}
	return fmt.Sprintf("the token is one of %d", total), err
}

// listAll returns how many tokens there are, and the IDs of those that this run created.
func (d *demo) listAll(ctx context.Context) (total int, mine []string, err error) {
	for token, err := range d.client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return 0, nil, err
		}
		if total++; token.Name == d.name {
			mine = append(mine, token.ID)
		}
	}
	return total, mine, nil
}

func (d *demo) edit(ctx context.Context) (string, error) {
	edited, err := d.client.Edit(ctx, d.token.ID, func(u *cftokens.TokenUpdate) error {
		u.Policies = append(u.Policies, d.policy(d.dnsWrite))
		return nil
	})
	if err != nil {
		return "", err
	}
	kept := edited.Name == d.token.Name && edited.ExpiresOn.Equal(*d.token.ExpiresOn) &&
		slices.Equal(edited.Condition.RequestIP.In, d.token.Condition.RequestIP.In)
	if !kept || !cftokens.SamePolicies(edited.Policies, append(slices.Clone(d.token.Policies), d.policy(d.dnsWrite))) {
		return "", errors.New("something else has changed")
	}
	return fmt.Sprintf("%s added, %d policies now; name, addresses and expiry unchanged", d.dnsWrite.Name, len(edited.Policies)), nil
}

func (d *demo) roll(ctx context.Context) (string, error) {
	value, err := d.client.Roll(ctx, d.token.ID)
	if err != nil {
		return "", err
	}
	d.values = append(d.values, value.Reveal())
	if _, err := d.client.WaitUntilActive(ctx, value); err != nil {
		return "", fmt.Errorf("new value: %w", err)
	}
	old, err := d.client.WithToken(d.token.Value.Reveal())
	if err != nil {
		return "", err
	}
	_, err = old.Verify(ctx)
	if !errors.Is(err, cftokens.ErrUnauthorized) {
		return "", fmt.Errorf("the old value was not rejected: %w", err)
	}
	return fmt.Sprintf("the new value %v works; the old one gets %s", value, reason(err)), nil
}

func (d *demo) remove(ctx context.Context) (string, error) {
	if err := d.client.Delete(ctx, d.token.ID); err != nil {
		return "", err
	}
	_, err := d.client.Get(ctx, d.token.ID)
	if !errors.Is(err, cftokens.ErrNotFound) {
		return "", fmt.Errorf("the token still exists: %w", err)
	}
	return "getting the token now gets " + reason(err), nil
}

// cleanUp deletes the token if it remains, even after a signal. It finds it by name, so it
// also finds one whose create response was lost.
func (d *demo) cleanUp(ctx context.Context) error {
	if d.name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, mine, err := d.listAll(ctx)
	if err != nil {
		return fmt.Errorf("clean up: a token named %q may remain: %w", d.name, err)
	}
	for _, id := range mine {
		if err := d.client.Delete(ctx, id); err != nil {
			return fmt.Errorf("clean up: token %s remains: %w", id, err)
		}
		d.say("clean up", "token "+short(id)+" deleted")
	}
	return nil
}

func short(id string) string { return id[:min(8, len(id))] }

// reason shortens the API's error to its status and first code.
func reason(err error) string {
	var apiErr *cftokens.APIError
	if !errors.As(err, &apiErr) || len(apiErr.Errors) == 0 {
		return err.Error()
	}
	return fmt.Sprintf("HTTP %d, %s (%d)", apiErr.StatusCode, apiErr.Errors[0].Message, apiErr.Errors[0].Code)
}
