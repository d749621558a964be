package main

import (
	"net/netip"
	"slices"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

const (
	managesTokens = "manages-tokens"
	neverExpires  = "never-expires"
	expiresSoon   = "expires-soon"
	unused        = "unused"
	open          = "open"
)

// reviewer says why tokens need a review.
type reviewer struct {
	now              time.Time
	unused, expiring *time.Duration
	skipped          []string
}

// token returns the reasons to review an active token, and their texts.
func (r reviewer) token(token *cftokens.Token) (reasons, texts []string) {
	add := func(reason, text string) {
		if !slices.Contains(r.skipped, reason) {
			reasons, texts = append(reasons, reason), append(texts, text)
		}
	}
	if slices.ContainsFunc(token.Policies, grantsTokens) {
		add(managesTokens, "manages tokens")
	}
	if expires := token.ExpiresOn; expires == nil {
		add(neverExpires, "never expires")
	} else if expires.Sub(r.now) <= *r.expiring {
		add(expiresSoon, "expires "+expires.Format(time.DateOnly))
	}
	if last := token.LastUsedOn; last != nil && r.now.Sub(*last) > *r.unused {
		add(unused, "unused since "+last.Format(time.DateOnly))
	} else if last == nil && token.IssuedOn != nil && r.now.Sub(*token.IssuedOn) > *r.unused {
		add(unused, "never used")
	}
	addresses := token.Condition.RequestIP
	switch v4, v6 := openTo(addresses, netip.IPv4Unspecified()), openTo(addresses, netip.IPv6Unspecified()); {
	case v4 && v6:
		add(open, "open to every address")
	case v4:
		add(open, "open to every IPv4 address")
	case v6:
		add(open, "open to every IPv6 address")
	}
	return reasons, texts
}

// grantsTokens reports whether a policy grants a permission group that manages tokens. The
// API does not always return the names of groups.
func grantsTokens(p cftokens.Policy) bool {
	return p.Effect == cftokens.EffectAllow && slices.ContainsFunc(p.PermissionGroups, func(g cftokens.PermissionGroupRef) bool {
		return g.Name == "API Tokens Write" || g.ID == "686d18d5ac6c441c867cbf6771e58a0a" ||
			g.Name == "Account API Tokens Write" || g.ID == "5bc3f8b21c554832afc660159ab75fa4"
	})
}

// openTo reports whether the addresses include all of the family of an address, apart from
// some that are excluded. An empty list of allowed addresses allows none.
func openTo(addresses cftokens.RequestIP, family netip.Addr) bool {
	all := netip.PrefixFrom(family, 0)
	return (addresses.In == nil || covers(prefixes(addresses.In), all)) && !covers(prefixes(addresses.NotIn), all)
}

func prefixes(addresses []string) (list []netip.Prefix) {
	for _, text := range addresses {
		if addr, err := netip.ParseAddr(text); err == nil {
			list = append(list, netip.PrefixFrom(addr, addr.BitLen()))
		} else if prefix, err := netip.ParsePrefix(text); err == nil {
			list = append(list, prefix.Masked())
		}
	}
	return list
}

// covers reports whether the prefixes in list include all addresses of p: one of them
// does, or they cover both halves.
func covers(list []netip.Prefix, p netip.Prefix) bool {
	list = slices.DeleteFunc(slices.Clone(list), func(other netip.Prefix) bool { return !other.Overlaps(p) })
	if slices.ContainsFunc(list, func(other netip.Prefix) bool { return other.Bits() <= p.Bits() }) {
		return true
	}
	if len(list) < 2 {
		return false
	}
	half := p.Bits() + 1
	upper := p.Addr().AsSlice()
	upper[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	middle, _ := netip.AddrFromSlice(upper)
	return covers(list, netip.PrefixFrom(p.Addr(), half)) && covers(list, netip.PrefixFrom(middle, half))
}
