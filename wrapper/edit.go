package cftokens

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// Edit updates a token with a read-modify-write: it gets the token, calls change, and
// sends the result. Fields that change does not touch are preserved: name, status,
// not_before, expires_on, condition and policies. The status is sent only if it is active
// or disabled; the API derives the others. If change returns an error, Edit sends nothing
// and wraps the error. Set a time with u.ExpiresOn.Set(t), and clear it with
// u.ExpiresOn.SetNull().
//
// If the condition or the policies of the token have fields that this version does not
// know and would drop, Edit sends nothing and returns an error that matches
// [ErrLossyUpdate] and names the field. It does the same if change removes the whole
// condition, because the API keeps a condition that is omitted: create a new token
// instead. Concurrent edits are not detected: the last write wins.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/update/
func (c *Client) Edit(ctx context.Context, id string, change func(*TokenUpdate) error) (*Token, error) {
	if change == nil {
		return nil, c.withPrefix(gen.OpUpdateToken, invalid("change", "must not be nil"))
	}
	token, err := get(ctx, c, id, (*editable[TokenUpdate]).id)
	if err != nil {
		return nil, c.withPrefix(gen.OpGetToken, err)
	}
	u, err := c.edit(token, change)
	if err != nil {
		return nil, withPrefix("edit of token "+id, err)
	}
	updated, err := c.update(ctx, id, u)
	return updated, c.withPrefix(gen.OpUpdateToken, err)
}

// edit returns the update that changes the token as change says.
func (c *Client) edit(token *editable[TokenUpdate], change func(*TokenUpdate) error) (TokenUpdate, error) {
	u := token.contents
	if err := token.checkLossless(c); err != nil {
		return u, err
	}
	if u.Status != TokenStatusActive && u.Status != TokenStatusDisabled {
		u.Status = ""
	}
	before := withoutEmpty(u.Condition)
	hadPolicies := len(u.Policies) > 0
	if err := change(&u); err != nil {
		return u, err
	}
	if err := token.checkAddresses(u.Condition); err != nil {
		return u, err
	}
	switch {
	case !isZero(before) && isZero(withoutEmpty(u.Condition)):
		return u, fmt.Errorf("%w: the API keeps a condition that an update leaves out; create a new token without one", ErrLossyUpdate)
	case hadPolicies && len(u.Policies) == 0:
		return u, invalid("policies", "must not be empty")
	}
	return u, nil
}

func isZero(v any) bool { return reflect.ValueOf(v).IsZero() }

// editable is a token, decoded as the request with the same contents: the TokenUpdate
// that changes nothing, or the TokenCreate of a copy.
type editable[T TokenUpdate | TokenCreate] struct {
	contents T
	unknown  string         // path of the first property of the condition or the policies that the request cannot express
	others   map[string]any // properties of the token that this version does not know, and that are not null
	read     CreatedToken   // with a value if it was just created
}

func (e *editable[T]) id() string { return e.read.ID }

// checkLossless returns an error if the request would lose a part of the token.
func (e *editable[T]) checkLossless(c *Client) error {
	if e.unknown != "" {
		return fmt.Errorf("%w: %s is not known to this version of cftokens", ErrLossyUpdate, c.sanitize(e.unknown))
	}
	return nil
}

// checkAddresses returns an error if the request, with condition c, would allow addresses
// although the token allows none: an empty list cannot be sent.
func (e *editable[T]) checkAddresses(c Condition) error {
	allowed := e.read.Condition.RequestIP.In
	if allowed != nil && len(allowed)+len(c.RequestIP.In) == 0 {
		return fmt.Errorf("%w: condition.request_ip.in is an empty list, which allows no address and cannot be sent", ErrLossyUpdate)
	}
	return nil
}

func (e *editable[T]) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var token map[string]any
	if err := decoder.Decode(&token); err != nil {
		return err
	}
	dropNulls(token)
	present, err := json.Marshal(token)
	if err != nil {
		return err
	}
	if err := errors.Join(json.Unmarshal(present, &e.read), json.Unmarshal(present, &e.contents)); err != nil {
		return err
	}
	e.unknown = firstUnknown("condition", withNewKey(token["condition"]), reflect.TypeFor[Condition]())
	if e.unknown == "" {
		e.unknown = firstUnknown("policies", token["policies"], reflect.TypeFor[[]Policy]())
	}
	for i, p := range e.read.Policies {
		for _, name := range slices.Sorted(maps.Keys(p.Resources)) {
			if e.unknown == "" && !isKnownForm(p.Resources[name]) {
				e.unknown = fmt.Sprintf("policies[%d].resources[%q]", i, name)
			}
		}
	}
	e.others = token
	maps.DeleteFunc(e.others, func(key string, _ any) bool {
		_, known := fieldOf(reflect.TypeFor[CreatedToken](), key)
		return known
	})
	return nil
}

// dropNulls removes null properties, which the API returns but does not accept.
func dropNulls(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			dropNulls(item)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, item any) bool { return item == nil })
		for key, item := range v {
			if key != "resources" { // names of resources are not properties
				dropNulls(item)
			}
		}
	}
}

// withNewKey renames the old key of a condition if the new one is missing or empty, as
// Condition.UnmarshalJSON does.
func withNewKey(condition any) any {
	object, _ := condition.(map[string]any)
	current, _ := object["request_ip"].(map[string]any)
	if old, ok := object[oldRequestIP]; ok && len(current) == 0 {
		object["request_ip"] = old
		delete(object, oldRequestIP)
	}
	return condition
}

// firstUnknown returns the path of the first property in v that type t lacks.
func firstUnknown(path string, v any, t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return ""
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			field, ok := fieldOf(t, key)
			if !ok {
				return path + "." + key
			}
			if unknown := firstUnknown(path+"."+key, v[key], field.Type); unknown != "" {
				return unknown
			}
		}
	case []any:
		for i, item := range v {
			if unknown := firstUnknown(fmt.Sprintf("%s[%d]", path, i), item, t.Elem()); unknown != "" {
				return unknown
			}
		}
	}
	return ""
}

// fieldOf returns the field of a struct type for a property.
func fieldOf(t reflect.Type, property string) (reflect.StructField, bool) {
	return t.FieldByNameFunc(func(name string) bool {
		f, _ := t.FieldByName(name)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return tag == property
	})
}

// isKnownForm reports whether v is a permission, or permissions on nested resources.
func isKnownForm(v resource.Value) bool {
	text, err := json.Marshal(v)
	return err == nil && (v.Nested() != nil || bytes.HasPrefix(text, []byte(`"`)))
}
