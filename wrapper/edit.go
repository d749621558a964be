package cftokens

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/oapi-codegen/nullable"

	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// Edit changes a token and keeps what change leaves alone: it gets the token, lets
// change work on it, and puts the result. Name, status, not_before, expires_on,
// condition and policies go back as they were read. An error of change is returned
// wrapped, and nothing is sent.
//
// The put replaces the token as a whole. So where the token carries, in its
// condition or its policies, something that this library does not know and would
// therefore drop, the error matches [ErrWouldLose] and names it, and nothing is
// sent. Two edits at the same time are not told apart by the API: the later put
// wins.
//
// Operations getToken and updateToken,
// https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/update/.
// Both are retried.
func (c *Client) Edit(ctx context.Context, id string, change func(*TokenUpdate) error) (*Token, error) {
	if change == nil {
		return nil, invalid(opUpdate, "change", "is nil")
	}
	read, err := get[readToken](ctx, c, id)
	if err != nil {
		return nil, err
	}
	if read.unknown != "" {
		return nil, wouldLose(id, read.unknown+" is not known to this library")
	}
	u := TokenUpdate{
		Name:      read.Name,
		Status:    read.Status,
		Condition: read.Condition,
		Policies:  read.Policies,
	}
	if read.NotBefore != nil {
		u.NotBefore = nullable.NewNullableWithValue(*read.NotBefore)
	}
	if read.ExpiresOn != nil {
		u.ExpiresOn = nullable.NewNullableWithValue(*read.ExpiresOn)
	}
	if err := change(&u); err != nil {
		return nil, fmt.Errorf("cftokens: edit of token %s: %w", id, err)
	}
	// An empty list says something (in: nobody) but is never sent.
	ip := read.Condition.RequestIP
	if isEmpty(ip.In) && len(u.Condition.RequestIP.In) == 0 {
		return nil, wouldLose(id, "condition.request_ip.in is an empty list, which admits nobody and cannot be sent")
	}
	return c.Update(ctx, id, u)
}

func isEmpty(list []string) bool { return list != nil && len(list) == 0 }

func wouldLose(id, what string) error {
	return fmt.Errorf("cftokens: edit of token %s: %w: %s", id, ErrWouldLose, what)
}

// readToken is a token with the path of the first thing in its condition or
// policies that Token does not hold, or holds in a form that is not documented.
type readToken struct {
	Token

	unknown string
}

func (t *readToken) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &t.Token); err != nil {
		return err
	}
	kept, err := json.Marshal(Token{Condition: t.Condition, Policies: t.Policies})
	if err != nil {
		return err
	}
	was, is, err := decodeBoth(data, kept)
	if err != nil {
		return err
	}
	for _, key := range []string{"condition", "policies"} {
		if t.unknown = lost(key, was[key], is[key]); t.unknown != "" {
			return nil
		}
	}
	for i, p := range t.Policies {
		for _, name := range slices.Sorted(maps.Keys(p.Resources)) {
			if !documented(p.Resources[name]) {
				t.unknown = fmt.Sprintf("policies[%d].resources[%q]", i, name)
				return nil
			}
		}
	}
	return nil
}

func decodeBoth(a, b []byte) (x, y map[string]any, err error) {
	for _, v := range []struct {
		data []byte
		into *map[string]any
	}{{a, &x}, {b, &y}} {
		decoder := json.NewDecoder(bytes.NewReader(v.data))
		decoder.UseNumber()
		if err := decoder.Decode(v.into); err != nil {
			return nil, nil, err
		}
	}
	return x, y, nil
}

// lost returns the path of the first part of was that is lacks or has otherwise.
// What holds nothing is not lost.
func lost(path string, was, is any) string {
	if holdsNothing(was) {
		return ""
	}
	switch was := was.(type) {
	case map[string]any:
		is, ok := is.(map[string]any)
		if !ok && is != nil {
			return path
		}
		for _, key := range slices.Sorted(maps.Keys(was)) {
			if p := lost(path+"."+key, was[key], is[key]); p != "" {
				return p
			}
		}
	case []any:
		is, ok := is.([]any)
		if !ok || len(is) != len(was) {
			return path
		}
		for i := range was {
			if p := lost(fmt.Sprintf("%s[%d]", path, i), was[i], is[i]); p != "" {
				return p
			}
		}
	default:
		if was != is {
			return path
		}
	}
	return ""
}

// documented tells whether v is a permission or permissions on nested resources.
func documented(v resource.Value) bool {
	text, err := json.Marshal(v)
	return err == nil && (v.Nested() != nil || bytes.HasPrefix(text, []byte(`"`)))
}
