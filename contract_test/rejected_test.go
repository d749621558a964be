package contract_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// rejected is a recording with one change that makes the document reject it. About is the
// constraint that rejects it: without that constraint, the document would accept it.
type rejected struct {
	About     string `json:"about"`
	Recording string `json:"recording"`

	// The change, one of:
	Request         *edit             `json:"request,omitempty"`
	Response        *edit             `json:"response,omitempty"`
	Query           map[string]string `json:"query,omitempty"`
	Path            string            `json:"path,omitempty"`
	Status          int               `json:"status,omitempty"`
	ContentType     string            `json:"content_type,omitempty"`
	NoBody          bool              `json:"no_body,omitempty"`
	Unauthenticated bool              `json:"unauthenticated,omitempty"`
}

// edit sets or removes the value at a JSON pointer in a body.
type edit struct {
	Pointer string          `json:"pointer"`
	Value   json.RawMessage `json:"value,omitempty"`
	Remove  bool            `json:"remove,omitempty"`
}

const rejectedFile = "testdata/rejected.json"

// loadRejected returns the entries of rejectedFile by constraint.
func loadRejected(t testing.TB) map[string]*rejected {
	t.Helper()
	var list []*rejected
	readJSON(t, rejectedFile, &list)
	all := map[string]*rejected{}
	for _, r := range list {
		if all[r.About] != nil {
			t.Errorf("contract_test/%s: second entry about %q: delete one", rejectedFile, r.About)
		}
		all[r.About] = r
	}
	return all
}

// exchange returns the recording with the change.
func (r *rejected) exchange(recordings map[string]*exchange) (*exchange, error) {
	base := recordings[r.Recording]
	if base == nil {
		return nil, fmt.Errorf("contract_test/testdata/recordings has no file %s", r.Recording)
	}
	e := *base
	e.Request.Path = cmp.Or(r.Path, e.Request.Path)
	e.Request.Query = map[string]string{}
	maps.Copy(e.Request.Query, base.Request.Query)
	maps.Copy(e.Request.Query, r.Query)
	e.Response.Status = cmp.Or(r.Status, e.Response.Status)
	e.Response.Headers = maps.Clone(e.Response.Headers)
	e.unauthenticated = r.Unauthenticated
	if r.ContentType != "" {
		e.Response.Headers["content-type"] = r.ContentType
	}
	if r.NoBody {
		e.Request.Body = nil
	}
	var requestErr, responseErr error
	if r.Request != nil {
		e.Request.Body, requestErr = r.Request.apply(e.Request.Body)
	}
	if r.Response != nil {
		e.Response.Body, responseErr = r.Response.apply(e.Response.Body)
	}
	return &e, errors.Join(requestErr, responseErr)
}

// apply returns body with the edit applied.
func (d *edit) apply(body json.RawMessage) (json.RawMessage, error) {
	root, err := strict.Decode(body)
	if err != nil {
		return nil, err
	}
	var value any
	if !d.Remove {
		if value, err = strict.Decode(d.Value); err != nil {
			return nil, err
		}
	}
	changed, err := d.set(root, strings.Split(d.Pointer, "/")[1:], value)
	return json.RawMessage(jsonText(changed)), err
}

// set returns node with the value at the path below it changed.
func (d *edit) set(node any, path []string, value any) (changed any, err error) {
	if len(path) == 0 {
		return value, nil
	}
	segment := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch node := node.(type) {
	case map[string]any:
		if d.Remove && len(path) == 1 {
			delete(node, segment)
			return node, nil
		}
		node[segment], err = d.set(node[segment], path[1:], value)
		return node, err
	case []any:
		if i, err := strconv.Atoi(segment); err == nil && i < len(node) {
			node[i], err = d.set(node[i], path[1:], value)
			return node, err
		}
	}
	return nil, fmt.Errorf("pointer %s does not exist in the body", d.Pointer)
}

func byName(exchanges []*exchange) map[string]*exchange {
	all := map[string]*exchange{}
	for _, e := range exchanges {
		all[e.name] = e
	}
	return all
}
