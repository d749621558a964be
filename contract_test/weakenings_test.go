package contract_test

import (
	"slices"
	"strings"
	"testing"
)

// explained lists the constraints whose removal or tightening no exchange can detect, with
// the reason.
var explained = map[string]string{}

func init() {
	for reason, names := range map[string][]string{
		"the enum already rejects every other type": {
			"Category: type", "Direction: type", "Effect: type", "ErrorEnvelope.result: type", "ErrorEnvelope.success: type", "Scope: type", "TokenListEnvelope.success: type", "TokenStatus: type",
		},
		"kin-openapi does not validate a query parameter without a type": {
			"GroupName: type", "GroupPerPage: type", "IncludeExpired: type", "Page: type", "PerPage: type",
		},
		"no response contains the value that was used; TestFake_QueryParameters checks it": {
			"IncludeExpired: default",
		},
		"every segment of a path is a string": {
			"AccountID: type", "TokenID: type",
		},
		"without an ID, it is the path of another operation": {
			"TokenID: minLength",
		},
		"the format is for the generator; TestConventions_Schemas checks it": {
			"CreatedToken.value: format password", "TokenValueEnvelope.result: format password",
		},
		optionalResult: {"CreatedToken: optional value"},
	} {
		for _, name := range names {
			explained[name] = reason
		}
	}
}

const optionalResult = "documented as optional, but the client returns a *DecodeError for a success without it"

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
// the document then accepts the entry of testdata/rejected about it. So the constraint is
// the only reason for the rejection, and the test fails if the document loses it.
func TestWeakenings(t *testing.T) {
	t.Parallel()
	v := strict(t)
	all, byName := loadRejected(t), byName(recordings(t))
	accepts := func(r *rejected) (bool, []string) {
		e, err := r.exchange(byName)
		if err != nil {
			t.Fatalf("contract_test/testdata/rejected: entry about %q: %v", r.About, err)
		}
		problems := v.problems([]*exchange{e})
		return len(problems) == 0, problems
	}
	for _, about := range sorted(all) {
		if ok, _ := accepts(all[about]); ok {
			t.Errorf("openapi.yaml accepts the entry of contract_test/testdata/rejected about %q, which it must reject: restore the constraint or, if it was removed on purpose, delete the entry", about)
		}
	}
	constraints, detected, explainedBy := 0, 0, 0
	known := map[string]bool{}
	var undetected []string
	for _, c := range v.constraints() {
		if c.weaken == nil {
			continue
		}
		constraints++
		known[c.name] = true
		r := all[c.name]
		switch reason := explanation(c.name); {
		case r == nil && reason != "":
			explainedBy++
		case r == nil && *updateRejected:
			writeRejected(t, v, c, byName)
		case r == nil:
			undetected = append(undetected, c.name)
		case reason != "":
			t.Errorf("%q is in explained, but contract_test/testdata/rejected has an entry about it: delete it from explained in contract_test/weakenings_test.go", c.name)
		default:
			undo := c.weaken()
			ok, problems := accepts(r)
			undo()
			if !ok {
				t.Errorf("contract_test/testdata/rejected: the entry about %q is also rejected for another reason: %s", c.name, problems)
			}
			detected++
		}
	}
	if len(undetected) > 0 {
		t.Errorf("no test detects if openapi.yaml loses one of these constraints:\n\t%s\n"+
			"go test ./contract_test -run TestWeakenings -args -rejected.update adds entries to contract_test/testdata/rejected that do; "+
			"if none can, as for the type of a query parameter, add the constraint to explained in contract_test/weakenings_test.go", strings.Join(undetected, "\n\t"))
	}
	for _, about := range sorted(all) {
		if !known[about] {
			t.Errorf("contract_test/testdata/rejected: openapi.yaml has no constraint %q: correct the name, or delete the entry", about)
		}
	}
	t.Logf("weakenings: %d constraints, %d detected, %d explained", constraints, detected, explainedBy)
}

// TestStrengthenings makes the document stricter in every possible way, one at a time, and
// checks that it then rejects a recording. It fails if the document becomes stricter than
// the API.
func TestStrengthenings(t *testing.T) {
	t.Parallel()
	v := strict(t)
	all := recordings(t)
	if problems := v.problems(all); len(problems) > 0 {
		t.Fatalf("openapi.yaml rejects a recording without a change: %s", problems[0])
	}
	constraints, detected, explainedBy := 0, 0, 0
	var undetected []string
	for _, c := range v.constraints() {
		if c.strengthen == nil {
			continue
		}
		constraints++
		undo := c.strengthen()
		contradicted := slices.ContainsFunc(all, func(e *exchange) bool { return len(v.problems([]*exchange{e})) > 0 })
		undo()
		switch reason := explanation(c.name); {
		case contradicted && reason != "":
			t.Errorf("%q is in explained, but a recording detects it: delete it from explained in contract_test/weakenings_test.go", c.name)
		case contradicted:
			detected++
		case reason != "":
			explainedBy++
		default:
			undetected = append(undetected, c.name)
		}
	}
	if len(undetected) > 0 {
		t.Errorf("no recording detects if openapi.yaml becomes stricter here (a property removed or required, an enum value removed, a limit tightened by one):\n\t%s\n"+
			"add recordings to contract_test/testdata/recordings that contain the property or the value, lack the property, or are at the limit; if none can, add the constraint to explained in contract_test/weakenings_test.go", strings.Join(undetected, "\n\t"))
	}
	t.Logf("strengthenings: %d possible, %d detected, %d explained", constraints, detected, explainedBy)
}

// TestExplained checks that the constraints in explained exist.
func TestExplained(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range strict(t).constraints() {
		known[c.name] = true
	}
	for _, name := range sorted(explained) {
		if !known[name] {
			t.Errorf("openapi.yaml has no constraint %q: delete it from explained in contract_test/weakenings_test.go", name)
		}
	}
}
