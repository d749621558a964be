package cftokenstest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
)

func TestHandlerOf(t *testing.T) {
	t.Parallel()
	faults, err := os.ReadFile("faults.go")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, op := range gen.Operations {
		known[op.ID] = true
		if !regexp.MustCompile(`\t// .*\b` + op.ID + `\b`).Match(faults) {
			t.Errorf("%s is not in the comment of Fault.Operation: add it in wrapper/cftokenstest/faults.go", op.ID)
		}
		if handlers[op.ID] == nil {
			t.Errorf("%s has no handler: add it to handlers in wrapper/cftokenstest/routes.go", op.ID)
		}
	}
	for id := range handlers {
		if !known[id] {
			t.Errorf("handlers has %s, which is not an operation of openapi.yaml", id)
		}
	}

	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "operation forgotten has no handler") {
			t.Errorf("handlerOf(forgotten) panicked with %q, want the operation's name", got)
		}
	}()
	handlerOf(&gen.Operation{ID: "forgotten"})
}
