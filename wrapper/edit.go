package cftokens

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/cftokens/cftokens-go/gen"
)

// Edit updates a token with a read-modify-write: it gets the token, calls change, and
// sends the result. Fields that change does not touch are preserved. The status is sent only
// if it is active or disabled; the API derives the others. If change returns an error, Edit
// sends nothing and wraps the error. Set a time with u.ExpiresOn.Set(t), and clear it with
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
	updated, err := c.edit(ctx, id, change)
	return updated, c.withPrefix(gen.OpUpdateToken, err)
}

func (c *Client) edit(ctx context.Context, id string, change func(*TokenUpdate) error) (*Token, error) {
	if change == nil {
		return nil, invalid("change", "must not be nil")
	}
	token, err := result(get(ctx, c, id, snapshotID))
	if err != nil {
		return nil, err
	}
	var u TokenUpdate
	if err := token.decode(c, &u); err != nil {
		return nil, err
	}
	if u.Status != TokenStatusActive && u.Status != TokenStatusDisabled {
		u.Status = ""
	}
	if err := change(&u); err != nil {
		return nil, err
	}
	switch {
	case token.allowsNone() && len(u.Condition.RequestIP.In) == 0:
		return nil, errNoAddress
	case !isZero(withoutEmpty(token.Condition)) && isZero(withoutEmpty(u.Condition)):
		return nil, fmt.Errorf("%w: the API keeps a condition that an update leaves out; create a new token without one", ErrLossyUpdate)
	case len(token.Policies) > 0 && len(u.Policies) == 0:
		return nil, invalid("policies", "must not be empty")
	}
	return c.update(ctx, id, u)
}

func isZero(v any) bool { return reflect.ValueOf(v).IsZero() }

// snapshot is a token as the API returned it.
type snapshot struct {
	CreatedToken // with a value if it was just created

	properties map[string]any // without nulls
}

func snapshotID(s *snapshot) string { return s.ID }

func (s *snapshot) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &s.CreatedToken); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&s.properties); err != nil {
		return err
	}
	dropNulls(s.properties)
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

// decode decodes the token as request, the TokenUpdate or TokenCreate with the same contents.
// It returns an error if the request would lose a part of them.
func (s *snapshot) decode(c *Client, request any) error {
	if err := s.checkKnown(); err != nil {
		return fmt.Errorf("%w: %s", ErrLossyUpdate, c.sanitize(err.Error()))
	}
	data, _ := json.Marshal(s.properties) // which came from JSON
	return json.Unmarshal(data, request)
}

// checkKnown returns an error if the condition or the policies have a property that this
// version does not know, or cannot send.
func (s *snapshot) checkKnown() error {
	var condition conditionFields
	if err := decodeKnown(s.properties["condition"], &condition); err != nil {
		return fmt.Errorf("condition: %w", err)
	}
	if err := decodeKnown(s.properties["policies"], new([]Policy)); err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	if !isZero(condition.RequestIP) && !isZero(condition.Old) {
		return errors.New(`condition has both "request_ip" and "request.ip"`)
	}
	return nil
}

// allowsNone reports whether the token allows no address at all.
func (s *snapshot) allowsNone() bool {
	return s.Condition.RequestIP.In != nil && len(s.Condition.RequestIP.In) == 0
}

var errNoAddress = fmt.Errorf("%w: condition.request_ip.in is an empty list, which allows no address and cannot be sent", ErrLossyUpdate)

// decodeKnown decodes v, which came from JSON and may have only the properties of target.
func decodeKnown(v, target any) error {
	data, _ := json.Marshal(v)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(target)
}
