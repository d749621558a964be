package cftokens

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"slices"
)

// conditionFields is a Condition as it is decoded.
type conditionFields struct {
	plainCondition

	// Old is a name of request_ip in the API's reference until 2025, and in files of older
	// clients.
	Old RequestIP `json:"request.ip"`
}

type plainCondition Condition // without methods

// UnmarshalJSON implements [json.Unmarshaler]. The old key "request.ip" is read as
// "request_ip" if the latter is missing or empty.
func (c *Condition) UnmarshalJSON(data []byte) error {
	if c == nil { // a struct that embeds a *Condition inherits this method
		return errors.New("cftokens.Condition: UnmarshalJSON on nil pointer")
	}
	v := conditionFields{plainCondition: plainCondition(*c)}
	err := json.Unmarshal(data, &v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && mismatch.Type == reflect.TypeOf(v) {
		mismatch.Type = reflect.TypeOf(*c)
	}
	*c = Condition(v.plainCondition)
	if isZero(c.RequestIP) {
		c.RequestIP = v.Old
	}
	return err
}

// SameCondition reports whether a and b restrict a token to the same addresses, ignoring
// order and notation: 192.0.2.1 is 192.0.2.1/32, and 192.0.2.1/24 is 192.0.2.0/24. An
// IPv4-mapped IPv6 address is not the same as the IPv4 address, because it is not known
// whether the API treats them alike. An empty list of allowed addresses allows none, so it
// is not the same as no list.
func SameCondition(a, b Condition) bool {
	return reflect.DeepEqual(canonical(a), canonical(b))
}

func canonical(c Condition) Condition {
	c.RequestIP.In = canonicalNetworks(c.RequestIP.In)
	c.RequestIP.NotIn = canonicalNetworks(c.RequestIP.NotIn)
	if len(c.RequestIP.NotIn) == 0 {
		c.RequestIP.NotIn = nil
	}
	return c
}

func canonicalNetworks(networks []string) []string {
	networks = slices.Clone(networks) // nil if it is nil
	for i, s := range networks {
		if prefix, err := parseNetwork(s); err == nil {
			networks[i] = prefix.Masked().String()
		}
	}
	slices.Sort(networks)
	return slices.Compact(networks)
}

func parseNetwork(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return addr.Prefix(addr.BitLen())
	}
	return netip.ParsePrefix(s)
}
