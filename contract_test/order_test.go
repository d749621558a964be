package contract_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/cftokens/cftokens-go"
)

// TestOrder checks that x-order numbers the properties of every schema in the order of the
// document, which is also that of the fields in Go. The generator would sort them by name.
func TestOrder(t *testing.T) {
	t.Parallel()
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // the lines of the properties
	doc, err := loader.LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	_ = doc.WalkSchemas(func(pointer string, schema *openapi3.SchemaRef) error {
		properties, last := schema.Value.Properties, 0
		line := func(name string) int { return properties[name].Origin.Key.Line }
		for _, name := range slices.SortedFunc(maps.Keys(properties), func(a, b string) int { return line(a) - line(b) }) {
			value := properties[name].Value.Extensions["x-order"]
			if properties[name].Ref != "" {
				value = properties[name].Extensions["x-order"]
			}
			var order int
			if _, err := fmt.Sscan(fmt.Sprint(value), &order); err != nil || order <= last {
				t.Errorf("openapi.yaml:%d: property %s of %s: x-order: %v, want a number greater than %d, that of the property before it", line(name), name, pointer, value, last)
			}
			last = order
			checked++
		}
		return nil
	})
	if checked < 100 {
		t.Errorf("checked %d properties, want at least 100", checked)
	}
}
