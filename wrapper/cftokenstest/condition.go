package cftokenstest

import (
	"encoding/json"
	"net/netip"
)

// addresses are the addresses that a condition allows. A nil list is not set; an empty
// list of allowed addresses allows none.
type addresses struct{ in, notIn []netip.Prefix }

// requestIP is the property of a condition, and oldRequestIP its former name; the API
// accepts both and returns the first.
const (
	requestIP    = "request_ip"
	oldRequestIP = "request.ip"
)

// readCondition returns the condition as the API returns it, or nil if none was sent.
func (in properties) readCondition() (json.RawMessage, *response) {
	var condition, request properties
	if ok, problem := in.read("condition", "condition", "an object", &condition); !ok || problem != nil {
		return nil, problem
	}
	ok, problem := condition.read(requestIP, "condition.request_ip", "an object", &request)
	if !ok {
		ok, problem = condition.read(oldRequestIP, "condition.request.ip", "an object", &request)
	}
	switch {
	case problem != nil:
		return nil, problem
	case !ok:
		return json.RawMessage("{}"), nil
	}
	out := make(map[string][]string)
	for _, name := range []string{"in", "not_in"} {
		var list []string
		path := "condition.request_ip." + name
		ok, problem := request.read(name, path, "an array of strings", &list)
		if problem != nil {
			return nil, problem
		}
		for _, text := range list {
			if _, err := parsePrefix(text); err != nil {
				return nil, invalid(path + " must contain only addresses and networks in CIDR notation")
			}
		}
		if ok {
			out[name] = list
		}
	}
	return mustEncode(map[string]any{requestIP: out}), nil
}

// parsePrefix reads a network, with or without bits beyond its length, or a single
// address.
func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// setCondition accepts a condition in any form, and ignores what it cannot read.
func (t *token) setCondition(raw json.RawMessage) {
	t.condition, t.addresses = raw, addresses{}
	var condition, request properties
	_ = json.Unmarshal(raw, &condition)
	for _, name := range []string{oldRequestIP, requestIP} {
		if json.Unmarshal(condition[name], &request) == nil {
			t.addresses = addresses{in: prefixes(request["in"]), notIn: prefixes(request["not_in"])}
		}
	}
}

// changeCondition applies a condition that was sent. An update replaces a condition but
// cannot remove it (observed): one that allows every address changes nothing.
func (t *token) changeCondition(raw json.RawMessage) {
	if t.condition == nil {
		t.setCondition(raw)
		return
	}
	changed := *t
	changed.setCondition(raw)
	if !changed.addresses.everyone() {
		*t = changed
	}
}

// everyone reports whether every address is allowed.
func (a addresses) everyone() bool { return a.in == nil && len(a.notIn) == 0 }

func prefixes(raw json.RawMessage) []netip.Prefix {
	var list []string
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil
	}
	found := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		if p, err := parsePrefix(text); err == nil {
			found = append(found, p)
		}
	}
	return found
}
