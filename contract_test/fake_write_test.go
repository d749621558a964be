package contract_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
)

// neverAccepted lists request values that the document allows but the fake rejects, with
// the reason.
var neverAccepted = map[string]string{
	`TokenUpdate.status = "revoked (exposed)"`: "only Cloudflare sets it; the description in the document says that it cannot be sent",
}

// TestFake_WritableProperties checks that the fake returns every property that can be
// sent, with the same value, both in the response and when the token is read again.
func TestFake_WritableProperties(t *testing.T) {
	t.Parallel()
	v := strict(t)
	rejected, lost, sent := map[string]bool{}, losses{}, 0
	for _, op := range gen.Operations {
		if op.Method == http.MethodGet || operations(v.doc)[op.ID] == nil || operations(v.doc)[op.ID].RequestBody == nil {
			continue
		}
		for i := range newFake(t, v).bodies(op) {
			f := newFake(t, v)
			body := f.bodies(op)[i]
			sent++
			if rejection := f.checkBody(op, body, lost); rejection == "" {
				continue
			} else if neverAccepted[body.about] == "" {
				t.Error(rejection)
			}
			rejected[body.about] = true
		}
	}
	for _, place := range sorted(lost) {
		t.Error(lost[place])
	}
	for about := range neverAccepted {
		if !rejected[about] {
			t.Errorf("neverAccepted in contract_test/fake_write_test.go lists %s, which the fake accepts or openapi.yaml does not allow: delete it", about)
		}
	}
	t.Logf("%d bodies sent", sent)
}

// losses maps the properties that the fake does not return to failure messages.
type losses map[string]string

// checkBody sends a body and compares it with the result. If the fake rejects the body, it
// returns a failure message.
func (f *fake) checkBody(op *gen.Operation, body sample, lost losses) (rejection string) {
	f.t.Helper()
	r := request{body: body.value}
	if strings.Contains(op.Path, "{token_id}") {
		r.tokenID, _ = f.create(familyOf(op))
	}
	e := f.call(op, r)
	if e.Response.Status != http.StatusOK {
		about := body.about
		if about == "" {
			about = "every property that openapi.yaml allows"
		}
		return fmt.Sprintf("%s with %s on the fake: %s, want status 200, because openapi.yaml allows it: make %s accept it (an enum is checked with Valid of its type in gen: run make generate), or add it to neverAccepted in contract_test/fake_write_test.go with the reason",
			op.ID, about, e.failure(), f.reader(body.about, op))
	}
	schema := jsonSchema(operations(f.doc)[op.ID].RequestBody.Value.Content)
	if len(schema.Value.Properties) == 0 {
		return ""
	}
	f.checkReturned(lost, e, e, schema)
	if r.tokenID == "" {
		result, _ := e.result().(map[string]any)
		r.tokenID, _ = result["id"].(string)
	}
	if read := inFamily(familyOf(op), "getToken"); read == nil || r.tokenID == "" {
		f.t.Errorf("%s on the fake: cannot read the token with ID %q again", op.ID, r.tokenID)
	} else {
		f.checkReturned(lost, e, f.call(read, request{tokenID: r.tokenID}), schema)
	}
	return ""
}

// checkReturned compares the body of a request with the result of a response.
func (f *fake) checkReturned(lost losses, sent, got *exchange, schema *openapi3.SchemaRef) {
	f.t.Helper()
	op := operationByID(sent.operation)
	body, err := decode(sent.Request.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	var walk func(place string, sent, got any, ref *openapi3.SchemaRef, name string)
	walk = func(place string, sent, returned any, ref *openapi3.SchemaRef, name string) {
		name = schemaName(ref, name)
		switch sent := sent.(type) {
		case map[string]any:
			if object, ok := returned.(map[string]any); ok && len(ref.Value.Properties) > 0 {
				for _, property := range sorted(sent) {
					walk(name+"."+property, sent[property], object[property], ref.Value.Properties[property], name)
				}
				return
			}
		case []any:
			if list, ok := returned.([]any); ok && len(list) == len(sent) {
				for i := range sent {
					walk(place, sent[i], list[i], ref.Value.Items, name)
				}
				return
			}
		}
		if lost[place] == "" && !reflect.DeepEqual(sent, returned) {
			lost[place] = fmt.Sprintf("the fake does not return %s of %s: sent %s, got %s in the response to %s: make %s read it, and %s return it%s",
				place, op.ID, jsonText(sent), jsonText(returned), got.operation, f.reader(place, op), f.returner(place, got), f.undocumented(place, got))
		}
	}
	walk(op.ID, body, got.result(), schema, "")
}

// resultSchema returns the name of the schema of an exchange's result.
func (f *fake) resultSchema(e *exchange) string {
	f.t.Helper()
	response := operations(f.doc)[e.operation].Responses.Status(e.Response.Status)
	if response == nil {
		return ""
	}
	if result := jsonSchema(response.Value.Content).Value.Properties["result"]; result != nil {
		return schemaName(result, "")
	}
	return ""
}

// returner returns the function or type of the fake that returns a property that was
// sent.
func (f *fake) returner(place string, got *exchange) string {
	f.t.Helper()
	schema, _, _ := strings.Cut(place, ".")
	if returnedBy[schema] == "" {
		schema = f.resultSchema(got)
	}
	return f.maker(schema, operationByID(got.operation))
}

// undocumented returns a hint if the document does not have the property in the response.
func (f *fake) undocumented(place string, got *exchange) string {
	f.t.Helper()
	schema, property, _ := strings.Cut(place, ".")
	result := f.resultSchema(got)
	if component := f.doc.Components.Schemas[result]; returnedBy[schema] != "" || component == nil || component.Value.Properties[property] != nil {
		return ""
	}
	return "; openapi.yaml does not have " + result + "." + property + ": add it"
}
