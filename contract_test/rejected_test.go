package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rejected is a recording with one thing wrong, which the document must reject. It is
// about one constraint: without that constraint, the document would accept it.
type rejected struct {
	About     string `json:"about"`
	Recording string `json:"recording"`

	// What is wrong, one of these:
	Request         *edit             `json:"request,omitempty"`
	Response        *edit             `json:"response,omitempty"`
	Query           map[string]string `json:"query,omitempty"`
	Status          int               `json:"status,omitempty"`
	ContentType     string            `json:"content_type,omitempty"`
	NoBody          bool              `json:"no_body,omitempty"`
	Unauthenticated bool              `json:"unauthenticated,omitempty"`
}

// edit sets the value that a JSON pointer into a body names, or removes it.
type edit struct {
	Pointer string          `json:"pointer"`
	Value   json.RawMessage `json:"value,omitempty"`
	Remove  bool            `json:"remove,omitempty"`
}

// rejectedFile is a file of testdata/rejected.
type rejectedFile struct {
	Source    string      `json:"source"`
	Note      string      `json:"note"`
	Exchanges []*rejected `json:"exchanges"`
}

// loadRejected reads testdata/rejected, by constraint.
func loadRejected(t testing.TB) map[string]*rejected {
	t.Helper()
	paths, err := filepath.Glob("testdata/rejected/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("testdata/rejected has no files: %v", err)
	}
	all := map[string]*rejected{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		var file rejectedFile
		if err := decoder.Decode(&file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if file.Source != "constructed" || len(file.Note) < 10 {
			t.Errorf(`%s: want the source "constructed" and a note that says what the file is for`, path)
		}
		for _, r := range file.Exchanges {
			if all[r.About] != nil {
				t.Errorf("%s: a second exchange about %s", path, r.About)
			}
			all[r.About] = r
		}
	}
	return all
}

// exchange returns the recording with what is wrong.
func (r *rejected) exchange(recordings map[string]*exchange) (*exchange, error) {
	base := recordings[r.Recording]
	if base == nil {
		return nil, fmt.Errorf("there is no recording %s", r.Recording)
	}
	e := *base
	e.Request.Query = maps.Clone(e.Request.Query)
	e.Response.Headers = maps.Clone(e.Response.Headers)
	e.unauthenticated = r.Unauthenticated
	if e.Request.Query == nil {
		e.Request.Query = map[string]string{}
	}
	maps.Copy(e.Request.Query, r.Query)
	if r.Status != 0 {
		e.Response.Status = r.Status
	}
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

// apply returns body with the edit.
func (d *edit) apply(body json.RawMessage) (json.RawMessage, error) {
	root, err := decode(body)
	if err != nil {
		return nil, err
	}
	var value any
	if !d.Remove {
		if value, err = decode(d.Value); err != nil {
			return nil, err
		}
	}
	if d.Pointer == "" {
		return d.Value, nil
	}
	segments := strings.Split(d.Pointer, "/")[1:]
	parent := root
	for i, segment := range segments {
		segment = strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
		last := i == len(segments)-1
		switch node := parent.(type) {
		case map[string]any:
			if last && d.Remove {
				delete(node, segment)
			} else if last {
				node[segment] = value
			}
			parent = node[segment]
		case []any:
			n, err := strconv.Atoi(segment)
			if err != nil || n < 0 || n >= len(node) {
				return nil, fmt.Errorf("%s names nothing", d.Pointer)
			}
			if last {
				node[n] = value
			}
			parent = node[n]
		default:
			return nil, fmt.Errorf("%s names nothing", d.Pointer)
		}
	}
	return json.RawMessage(jsonText(root)), nil
}

// explained lists the constraints whose loss or sharpening no exchange can notice, with
// the reason.
var explained = map[string]string{}

func init() {
	for reason, names := range map[string][]string{
		"the enum alone rejects every other type": {
			"Category: type", "Direction: type", "Effect: type", "ErrorEnvelope.result: type", "ErrorEnvelope.success: type", "Scope: type", "TokenListEnvelope.success: type", "TokenStatus: type",
		},
		"a query is text, which kin-openapi does not validate without a type": {
			"GroupName: type", "GroupPerPage: type", "IncludeExpired: type", "Page: type", "PerPage: type",
		},
		"no response shows which value was used": {
			"IncludeExpired: default",
		},
		"the format is for the generator; TestConventions checks it": {
			"CreatedToken.value: format password", "TokenValueEnvelope.result: format password",
		},
		"documented as optional, but the client reports a success without it as a *DecodeError": {
			"CreatedToken: optional value", "CreatedTokenEnvelope: optional result", "PermissionGroupListEnvelope: optional result", "TokenEnvelope: optional result",
			"TokenListEnvelope: optional result", "TokenValueEnvelope: optional result", "VerificationEnvelope: optional result",
		},
	} {
		for _, name := range names {
			explained[name] = reason
		}
	}
}

// TestWeakenings takes away every constraint of the document, one at a time, and
// requires that the exchange in testdata/rejected about it is accepted then. The
// constraint is what rejects it: a document that loses the constraint accepts it and
// fails this test.
func TestWeakenings(t *testing.T) {
	t.Parallel()
	v := strict(t)
	all, byName := loadRejected(t), byName(recordings(t))
	accepts := func(r *rejected) (bool, []string) {
		e, err := r.exchange(byName)
		if err != nil {
			t.Fatalf("testdata/rejected: about %s: %v", r.About, err)
		}
		problems := v.problems([]*exchange{e})
		return len(problems) == 0, problems
	}
	for _, about := range sorted(all) {
		if ok, _ := accepts(all[about]); ok {
			t.Errorf("openapi.yaml accepts what it must reject, in testdata/rejected: about %s. Restore the constraint; if it is gone for good, delete the exchange", about)
		}
	}
	constraints, noticed, explainedBy := 0, 0, 0
	known := map[string]bool{}
	var unnoticed []string
	for _, c := range v.constraints() {
		if c.weaken == nil {
			continue
		}
		constraints++
		known[c.name] = true
		r := all[c.name]
		switch reason := explained[c.name]; {
		case r == nil && reason != "":
			explainedBy++
		case r == nil && *updateRejected:
			writeRejected(t, v, c, byName)
		case r == nil:
			unnoticed = append(unnoticed, c.name)
		case reason != "":
			t.Errorf("%q is explained, and there is an exchange about it: delete the reason", c.name)
		default:
			undo := c.weaken()
			ok, problems := accepts(r)
			undo()
			if !ok {
				t.Errorf("testdata/rejected: the exchange about %q is rejected for another reason too: %s", c.name, problems)
			}
			noticed++
		}
	}
	if len(unnoticed) > 0 {
		t.Errorf("nothing notices if openapi.yaml loses one of these constraints:\n\t%s\n"+
			"go test ./contract_test -run TestWeakenings -args -rejected.update writes exchanges to testdata/rejected that do; "+
			"add what cannot be noticed, like the type of a query parameter, to its reason in explained in contract_test/rejected_test.go", strings.Join(unnoticed, "\n\t"))
	}
	for _, about := range sorted(all) {
		if !known[about] {
			t.Errorf("testdata/rejected: openapi.yaml has no constraint %q; name the one that the exchange is about, or delete it", about)
		}
	}
	t.Logf("weakenings: %d constraints, %d noticed, %d explained", constraints, noticed, explainedBy)
}

// TestStrengthenings demands more than the document does, in every way, one at a time,
// and requires that a recording contradicts it.
func TestStrengthenings(t *testing.T) {
	t.Parallel()
	v := strict(t)
	all := recordings(t)
	if problems := v.problems(all); len(problems) > 0 {
		t.Fatalf("openapi.yaml and the recordings disagree already: %s", problems[0])
	}
	constraints, noticed, explainedBy := 0, 0, 0
	var unnoticed []string
	for _, c := range v.constraints() {
		if c.strengthen == nil {
			continue
		}
		constraints++
		undo := c.strengthen()
		contradicted := slices.ContainsFunc(all, func(e *exchange) bool { return len(v.problems([]*exchange{e})) > 0 })
		undo()
		switch reason := explained[c.name]; {
		case contradicted && reason != "":
			t.Errorf("%q is explained, and a recording notices it: delete the reason", c.name)
		case contradicted:
			noticed++
		case reason != "":
			explainedBy++
		default:
			unnoticed = append(unnoticed, c.name)
		}
	}
	if len(unnoticed) > 0 {
		t.Errorf("no recording notices if openapi.yaml allows less than this (a property removed or required, an enum value removed, a limit one lower):\n\t%s\n"+
			"add recordings to contract_test/testdata/recordings that contain the property or the value, lack the property, or are at the limit; add what cannot be noticed to its reason in explained in contract_test/rejected_test.go", strings.Join(unnoticed, "\n\t"))
	}
	t.Logf("strengthenings: %d possible, %d noticed, %d explained", constraints, noticed, explainedBy)
}

// TestExplained checks that every explanation is of a constraint that exists.
func TestExplained(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range strict(t).constraints() {
		known[c.name] = true
	}
	for _, name := range sorted(explained) {
		if !known[name] {
			t.Errorf("openapi.yaml has no constraint %q any more: delete it from explained", name)
		}
	}
}

func byName(exchanges []*exchange) map[string]*exchange {
	all := map[string]*exchange{}
	for _, e := range exchanges {
		all[e.name] = e
	}
	return all
}
