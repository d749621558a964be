package contract_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	openapi "github.com/cftokens/cftokens-go"
	"github.com/cftokens/cftokens-go/internal/strict"
)

var updateRejected = flag.Bool("rejected.update", false, "add an entry to testdata/rejected.json for each constraint that has none, and delete those that are wrong")

func writeRejected(t *testing.T, all map[string]*rejected) {
	t.Helper()
	var list []*rejected
	for _, about := range strict.Sorted(all) {
		list = append(list, all[about])
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rejectedFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// addRejected searches for a recording with one change that v rejects, and that v accepts
// without c. It adds the first one to all, and reports whether there is one.
func addRejected(v *validator, c constraint, recordings map[string]*exchange, all map[string]*rejected) bool {
	place, _, _ := strings.Cut(c.name, ":")
	component, property, _ := strings.Cut(strings.TrimRight(place, "[]*"), ".")
	texts := offLimits()
	if strings.HasSuffix(c.name, ": minLength") {
		slices.Reverse(texts) // the text that is one character too short comes first
	}
	for _, name := range strict.Sorted(recordings) {
		candidates := edits(recordings[name], texts)
		if v.shows(recordings[name], component) {
			candidates = append(candidates, bodyEdits(recordings[name], property, texts)...)
		}
		for _, r := range candidates {
			e, err := r.exchange(recordings)
			if err != nil || len(v.problems(e)) == 0 {
				continue
			}
			undo := c.weaken()
			accepted := len(v.problems(e)) == 0
			undo()
			if accepted {
				r.About = c.name
				all[c.name] = r
				return true
			}
		}
	}
	return false
}

// shows reports whether a body of the exchange contains a property of the component, or
// may contain a value of it because the component is not an object.
func (v *validator) shows(e *exchange, component string) (found bool) {
	if schema := v.Components.Schemas[component]; schema != nil && len(schema.Value.Properties) == 0 {
		return true
	}
	visit := func(property string) { found = found || strings.HasPrefix(property, component+".") }
	op := v.Operations[e.operation]
	strict.Cover(e.Request.Body, strict.Request(op), visit)
	strict.Cover(e.Response.Body, strict.JSON(op.Responses.Status(e.Response.Status).Value.Content), visit)
	return found
}

// edits returns entries with one change of the recording outside the bodies each.
func edits(e *exchange, texts []string) []*rejected {
	all := []*rejected{
		{Recording: e.name, Status: 302}, {Recording: e.name, ContentType: "text/plain"}, {Recording: e.name, NoBody: true}, {Recording: e.name, Unauthenticated: true},
	}
	for _, name := range strict.Sorted(e.Request.Query) {
		for _, value := range append([]string{"x", "0", "1000000", ""}, texts...) {
			all = append(all, &rejected{Recording: e.name, Query: map[string]string{name: value}})
		}
	}
	for _, name := range []string{"account_id", "token_id"} {
		for _, text := range texts {
			if id := e.param(name); id != "" {
				all = append(all, &rejected{Recording: e.name, Path: strings.Replace(e.Request.Path, id, text, 1)})
			}
		}
	}
	return all
}

// bodyEdits returns entries with one change each of a value in the bodies whose path contains
// property.
func bodyEdits(e *exchange, property string, texts []string) (all []*rejected) {
	var values []string
	for _, text := range texts {
		values = append(values, jsonText(text))
	}
	values = append(values, `7`, `null`, `"text"`, `{"unknown": 1}`, `[]`, `true`, `false`, `0`, `1000000`)
	change := func(in func(*edit) *rejected, body json.RawMessage) {
		root, err := strict.Decode(body)
		if err != nil {
			return
		}
		for _, pointer := range append([]string{""}, pointers(root)...) {
			if !strings.Contains(pointer, property) {
				all = append(all, in(&edit{Pointer: pointer + "/" + property, Value: json.RawMessage(`"text"`)}))
				continue
			}
			all = append(all, in(&edit{Pointer: pointer, Remove: true}), in(&edit{Pointer: pointer + "/unknown", Value: json.RawMessage(`1`)}))
			for _, value := range values {
				all = append(all, in(&edit{Pointer: pointer, Value: json.RawMessage(value)}))
			}
		}
	}
	change(func(d *edit) *rejected { return &rejected{Recording: e.name, Request: d} }, e.Request.Body)
	change(func(d *edit) *rejected { return &rejected{Recording: e.name, Response: d} }, e.Response.Body)
	return all
}

// offLimits returns texts that are one character too short or too long for each length
// limit in the document.
func offLimits() (texts []string) {
	for _, limit := range regexp.MustCompile(`m(?:in|ax)Length: (\d+)`).FindAllSubmatch(openapi.Document, -1) {
		n, _ := strconv.Atoi(string(limit[1]))
		texts = append(texts, strings.Repeat("a", max(n-1, 0)), strings.Repeat("a", n+1))
	}
	slices.Sort(texts) // the shortest first
	return slices.Compact(texts)
}

// pointers returns the JSON pointers to all values in value.
func pointers(value any) (all []string) {
	add := func(segment string, child any) {
		all = append(all, "/"+segment)
		for _, rest := range pointers(child) {
			all = append(all, "/"+segment+rest)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			add(strings.NewReplacer("~", "~0", "/", "~1").Replace(name), value[name])
		}
	case []any:
		for i, item := range value {
			add(jsonText(i), item)
		}
	}
	return all
}
