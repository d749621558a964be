package contract_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateRejected = flag.Bool("rejected.update", false, "write an exchange to testdata/rejected for each constraint that has none")

// writeRejected adds to testdata/rejected what v rejects because of c alone.
func writeRejected(t *testing.T, v *validator, c constraint, recordings map[string]*exchange) {
	t.Helper()
	r := findRejected(v, c, recordings)
	if r == nil {
		t.Errorf("no change of a recording is rejected because of %q alone: add a recording that shows what it constrains", c.name)
		return
	}
	name := regexp.MustCompile(`^\w+`).FindString(c.name)
	switch {
	case v.doc.Components.Parameters[name] != nil:
		name = "parameters"
	case operationByID(name) != nil:
		name = "operations"
	}
	path := "testdata/rejected/" + name + ".json"
	file := rejectedFile{Source: "constructed", Note: "recordings with one thing wrong: what " + name + " must reject"}
	if data, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	file.Exchanges = append(file.Exchanges, r)
	slices.SortFunc(file.Exchanges, func(a, b *rejected) int { return strings.Compare(a.About, b.About) })
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: added an exchange about %q", path, c.name)
}

// findRejected searches the recordings for one that v rejects after one edit, and accepts
// with this edit if c is gone.
func findRejected(v *validator, c constraint, recordings map[string]*exchange) *rejected {
	_, property, _ := strings.Cut(strings.TrimRight(c.name[:strings.Index(c.name, ":")], "[]*"), ".")
	for _, name := range sorted(recordings) {
		for _, r := range edits(recordings[name], property) {
			e, err := r.exchange(recordings)
			if err != nil || len(v.problems([]*exchange{e})) == 0 {
				continue
			}
			undo := c.weaken()
			accepted := len(v.problems([]*exchange{e})) == 0
			undo()
			if accepted {
				r.About = c.name
				return r
			}
		}
	}
	return nil
}

// edits returns changes of the recording, one value at a time, each of a value whose path
// contains property.
func edits(e *exchange, property string) (all []*rejected) {
	values := []string{`null`, `7`, `"text"`, `{"unknown": 1}`, `[]`, `true`, `0`, `1000000`, `""`, jsonText(strings.Repeat("a", 39))}
	for _, n := range []int{32, 80, 90, 120} {
		values = append(values, jsonText(strings.Repeat("a", n+1)))
	}
	for _, side := range []struct {
		body json.RawMessage
		set  func(*rejected, *edit)
	}{
		{e.Request.Body, func(r *rejected, d *edit) { r.Request = d }},
		{e.Response.Body, func(r *rejected, d *edit) { r.Response = d }},
	} {
		root, err := decode(side.body)
		if err != nil {
			continue
		}
		for _, pointer := range pointers(root) {
			if !strings.Contains(pointer, property) {
				continue
			}
			changes := []*edit{{Pointer: pointer, Remove: true}}
			for _, value := range values {
				changes = append(changes, &edit{Pointer: pointer, Value: json.RawMessage(value)})
			}
			for _, change := range changes {
				r := &rejected{Recording: e.name}
				side.set(r, change)
				all = append(all, r)
			}
		}
	}
	return all
}

// pointers returns the JSON pointers to everything in a value.
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
