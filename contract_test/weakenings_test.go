package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// explained lists the constraints whose removal or tightening no exchange can detect, with
// the reason.
var explained = map[string]string{
	"Category: type":              enumSuffices,
	"Effect: type":                enumSuffices,
	"Envelope.success: type":      enumSuffices,
	"ErrorEnvelope.result: type":  enumSuffices,
	"ErrorEnvelope.success: type": enumSuffices,
	"TokenStatus: type":           enumSuffices,

	"CreatedToken.value: format password":        forGenerator,
	"TokenValueEnvelope.result: format password": forGenerator,

	"CreatedToken: optional value": optionalResult,
	"IncludeExpired: default":      "no response contains the value that was used; TestConformance_Parameters checks it",
	"TokenID: minLength":           "IDs have 32 digits (observed)",
}

const (
	enumSuffices   = "the enum already rejects every other type"
	forGenerator   = "the format is for the generator; TestConventions_Schemas checks it"
	optionalResult = "documented as optional, but the client returns a *DecodeError for a success without it"
)

// explanation returns the reason in explained. Only errors and deletes are recorded
// without a result.
func explanation(name string) string {
	envelope, ok := strings.CutSuffix(name, "Envelope: optional result")
	if ok && envelope != "Error" && envelope != "DeletedToken" {
		return optionalResult
	}
	return explained[name]
}

// TestWeakenings removes every constraint of the document, one at a time, and checks that
// the document then accepts the entry of testdata/rejected.json about it. So the constraint is
// the only reason for the rejection, and the test fails if the document loses it.
func TestWeakenings(t *testing.T) {
	t.Parallel()
	v := changeable(t)
	all, byName := loadRejected(t), byName(recordings(t))
	constraints := map[string]constraint{}
	for _, c := range v.constraints() {
		constraints[c.name] = c
	}
	// stale returns what is wrong with an entry.
	stale := func(r *rejected) string {
		e, err := r.exchange(byName)
		switch c := constraints[r.About]; {
		case err != nil:
			return err.Error()
		case len(v.problems(e)) == 0:
			return "openapi.yaml accepts it, but must reject it: restore the constraint, or delete the entry"
		case c.weaken == nil:
			return "openapi.yaml has no such constraint: correct the name, or delete the entry"
		default:
			undo := c.weaken()
			defer undo()
			if problems := v.problems(e); len(problems) > 0 {
				return "it is also rejected for another reason: " + strings.Join(problems, "; ")
			}
			return ""
		}
	}
	for _, about := range strict.Sorted(all) {
		problem := stale(all[about])
		switch {
		case problem == "" && explanation(about) != "":
			t.Errorf("%q is in explained, but contract_test/testdata/rejected.json has an entry about it: delete it from explained in contract_test/weakenings_test.go", about)
		case problem != "" && *updateRejected:
			delete(all, about)
			t.Logf("deleted the entry about %q: %s", about, problem)
		case problem != "":
			t.Errorf("contract_test/testdata/rejected.json: the entry about %q: %s (-rejected.update replaces or deletes it)", about, problem)
		}
	}
	covered := len(v.uncovered(t)) == 0
	weakened, detected, explainedBy := 0, 0, 0
	var undetected []string
	for _, name := range strict.Sorted(constraints) {
		if constraints[name].weaken == nil {
			continue
		}
		weakened++
		switch {
		case all[name] != nil:
			detected++
		case explanation(name) != "":
			explainedBy++
		case !covered: // TestCoverage says what is to be added first
		case *updateRejected && addRejected(v, constraints[name], byName, all):
			t.Logf("added an entry about %q", name)
		default:
			undetected = append(undetected, name)
		}
	}
	if *updateRejected {
		writeRejected(t, all)
	}
	if len(undetected) > 0 {
		t.Errorf("no test detects if openapi.yaml loses one of these constraints:\n\t%s\n"+
			"go test ./contract_test -run TestWeakenings -args -rejected.update adds entries to contract_test/testdata/rejected.json that do; "+
			"if it finds no change of a recording that only this constraint rejects, add a recording that contains the property, write an entry by hand, "+
			"or add the constraint to explained in contract_test/weakenings_test.go", strings.Join(undetected, "\n\t"))
	}
	for _, name := range strict.Sorted(explained) {
		if constraints[name].name == "" {
			t.Errorf("openapi.yaml has no constraint %q: delete it from explained in contract_test/weakenings_test.go", name)
		}
	}
	t.Logf("weakenings: %d constraints, %d detected, %d explained", weakened, detected, explainedBy)
}

// TestStrengthenings makes the document stricter in every possible way, one at a time, and
// checks that it then rejects a recording. It fails if the document becomes stricter than
// the API.
func TestStrengthenings(t *testing.T) {
	t.Parallel()
	v := changeable(t)
	all := recordings(t)
	if problems := v.problems(all...); len(problems) > 0 {
		t.Fatalf("openapi.yaml rejects a recording without a change: %s", problems[0])
	}
	covered := len(v.uncovered(t)) == 0
	strengthened, detected, explainedBy := 0, 0, 0
	var undetected []string
	for _, c := range v.constraints() {
		if c.strengthen == nil {
			continue
		}
		strengthened++
		undo := c.strengthen()
		contradicted := slices.ContainsFunc(all, func(e *exchange) bool { return len(v.problems(e)) > 0 })
		undo()
		switch reason := explanation(c.name); {
		case contradicted && reason != "":
			t.Errorf("%q is in explained, but a recording detects it: delete it from explained in contract_test/weakenings_test.go", c.name)
		case contradicted:
			detected++
		case reason != "":
			explainedBy++
		case covered: // TestCoverage says what is to be added first
			undetected = append(undetected, c.name)
		}
	}
	if len(undetected) > 0 {
		t.Errorf("no recording detects if openapi.yaml becomes stricter here (a property removed or required, an enum value removed, a limit tightened by one):\n\t%s\n"+
			"add recordings to contract_test/testdata/recordings that contain the property or the value, lack the property, or are at the limit; if none can, add the constraint to explained in contract_test/weakenings_test.go", strings.Join(undetected, "\n\t"))
	}
	t.Logf("strengthenings: %d possible, %d detected, %d explained", strengthened, detected, explainedBy)
}
