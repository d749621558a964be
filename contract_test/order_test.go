package contract_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	openapi "github.com/cftokens/cftokens-go"
)

// TestOrder checks that x-order numbers the properties of every schema in the order of the
// document, which is also that of the fields in Go. The generator would sort them by name.
func TestOrder(t *testing.T) {
	t.Parallel()
	_, schemas, _ := strings.Cut(string(openapi.Document), "\n  schemas:\n")
	line := regexp.MustCompile(`^( *)([^ #].*?):(?: +(.*))?$`)
	type object struct{ indent, last int } // of the line "properties:", and the last x-order in it
	var open []object
	property, unordered, indent := "", false, 0
	checked := 0
	for text := range strings.Lines(schemas + "end:") {
		m := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		if m == nil {
			continue
		}
		depth, key := len(m[1]), m[2]
		if unordered && key == "x-order" && depth == indent+2 {
			object := &open[len(open)-1]
			var order int
			if _, err := fmt.Sscan(m[3], &order); err != nil || order <= object.last {
				t.Errorf("%s: x-order: %s, want a number greater than %d, that of the property before it", property, m[3], object.last)
			}
			object.last, unordered = order, false
			checked++
			continue
		}
		if unordered {
			t.Errorf("property %s does not begin with x-order: number it after the one before it", property)
			unordered = false
		}
		for len(open) > 0 && depth <= open[len(open)-1].indent {
			open = open[:len(open)-1]
		}
		switch {
		case key == "properties" && m[3] == "":
			open = append(open, object{indent: depth})
		case len(open) > 0 && depth == open[len(open)-1].indent+2:
			property, unordered, indent = key, true, depth
		}
	}
	if checked < 100 {
		t.Errorf("checked %d properties, want at least 100", checked)
	}
}
