package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
)

// neverReturned lists the properties that no response of the fake contains, with the
// reason. A key is a property, or a schema for all of its properties. It applies to both
// families of operations unless it begins with one.
var neverReturned = map[string]string{
	"ResponseInfo.documentation_url":              "documented, but never observed in an error of these operations; Inject can return it",
	"ResponseInfo.source":                         "documented, but never observed in an error of these operations; Inject can return it",
	"ErrorSource.pointer":                         "documented, but never observed in an error of these operations; Inject can return it",
	"EdgeError":                                   "sent by Cloudflare's edge, not by the API; Inject can return it",
	"PermissionGroupRef.meta":                     "documented, but never observed in a response of these operations; PutToken can store it",
	"PermissionGroupMeta":                         "part of PermissionGroupRef.meta",
	"Token.provisioner_id":                        "only in tokens created by an OAuth client, which the fake does not support; PutAccountToken can store it",
	"Token.provisioner_type":                      "only in tokens created by an OAuth client, which the fake does not support; PutAccountToken can store it",
	"CreatedToken.provisioner_id":                 "only in tokens created by an OAuth client, which the fake does not support",
	"CreatedToken.provisioner_type":               "only in tokens created by an OAuth client, which the fake does not support",
	"user Token.creator_email_at_creation":        "only account tokens have it (documented)",
	"user CreatedToken.creator_email_at_creation": "only account tokens have it (documented)",
	"user CreatedToken.last_used_on":              "null for an account, absent for a user (observed)",
}

// ignoredPaging is why the fake ignores the page of permission groups.
const ignoredPaging = "an account returns all permission groups in one response, whatever page is requested (observed)"

// neverApplied lists the query parameters that the fake ignores, with the reason.
var neverApplied = map[string]string{
	"listPermissionGroups?page":            ignoredPaging,
	"listPermissionGroups?per_page":        ignoredPaging,
	"listAccountPermissionGroups?page":     ignoredPaging,
	"listAccountPermissionGroups?per_page": ignoredPaging,
}

// TestFake_Responses checks that every property of every response in the document occurs
// in a response of the fake, for users and for accounts.
func TestFake_Responses(t *testing.T) {
	t.Parallel()
	f := newFake(t, strict(t))
	documented, returned := map[string]map[string][]string{}, map[string]bool{}
	for _, op := range gen.Operations {
		family := familyOf(op)
		id, value := f.create(family)
		f.call(inFamily(family, "verifyToken"), request{credential: value}) // so that the token has been used
		r := request{tokenID: id, body: f.bodies(op)[0].value}
		if len(op.PermissionGroups) == 0 {
			r.credential = value
		}
		if e := f.call(op, r); e.Response.Status != http.StatusOK {
			t.Errorf("%s on the fake: %s, want status 200: see %s", op.ID, e.failure(), f.handler(op))
		}
		r.credential = "malformed"
		f.call(op, r)
		f.eachResponse(op, func(_ string, schema *openapi3.SchemaRef) {
			reach(schema, false, func(name string) {
				if documented[name] == nil {
					documented[name] = map[string][]string{}
				}
				if !slices.Contains(documented[name][family], op.ID) {
					documented[name][family] = append(documented[name][family], op.ID)
				}
			})
		})
	}
	for _, e := range f.wire.exchanges {
		op := operationByID(e.operation)
		f.eachResponse(op, func(status string, schema *openapi3.SchemaRef) {
			if strings.HasPrefix(status, strconv.Itoa(e.Response.Status/100)) {
				cover(e.Response.Body, schema, func(name string) {
					returned[familyOf(op)+" "+name] = true
				})
			}
		})
	}

	needed := map[string]bool{}
	for _, name := range sorted(documented) {
		schema, _, _ := strings.Cut(name, ".")
		var missing, ids []string
		for _, family := range sorted(documented[name]) {
			if returned[family+" "+name] {
				continue
			}
			missing = append(missing, family)
			ids = append(ids, documented[name][family]...)
		}
		// An entry for both families is needed only if both lack the property.
		if listed := listedAs(name, schema); listed != "" && len(missing) == len(documented[name]) {
			needed[listed] = true
			continue
		}
		missing = slices.DeleteFunc(missing, func(family string) bool {
			listed := listedAs(family+" "+name, family+" "+schema)
			needed[listed] = true
			return listed != ""
		})
		if len(missing) > 0 {
			t.Errorf("no response of the fake for the tokens of %s contains %s, which openapi.yaml has in %s: make %s return it, or, if the API does not return it, add it to neverReturned in contract_test/fake_test.go with the reason",
				owners(missing), name, strings.Join(ids, ", "), f.maker(schema, operationByID(ids[0])))
		}
	}
	for name := range neverReturned {
		if !needed[name] {
			t.Errorf("neverReturned in contract_test/fake_test.go lists %q, which the fake returns or openapi.yaml does not contain: delete it", name)
		}
	}
	t.Logf("%d properties of responses", len(documented))
}

// listedAs returns the first key that is in neverReturned, or "".
func listedAs(keys ...string) string {
	for _, key := range keys {
		if neverReturned[key] != "" {
			return key
		}
	}
	return ""
}

// eachResponse visits the schemas of an operation's responses, except for 5XX, which only
// Inject can return.
func (f *fake) eachResponse(op *gen.Operation, visit func(status string, schema *openapi3.SchemaRef)) {
	f.t.Helper()
	documented := operations(f.doc)[op.ID]
	for status, response := range documented.Responses.Map() {
		if strings.HasPrefix(status, "5") {
			continue
		}
		visit(status, jsonSchema(response.Value.Content))
	}
}

func owners(families []string) string {
	return map[string]string{"user": "a user", "account": "an account", "account user": "users and accounts"}[strings.Join(families, " ")]
}

// TestFake_QueryParameters checks that every query parameter affects the result, and that
// the fake accepts the values that the document allows.
func TestFake_QueryParameters(t *testing.T) {
	t.Parallel()
	f := newFake(t, strict(t))
	// More tokens than fit on the smallest page, one of them expired.
	for i := range 12 {
		for _, put := range []func(json.RawMessage) (string, error){f.PutToken, f.PutAccountToken} {
			if _, err := put(json.RawMessage(fmt.Sprintf(`{"name":"token %d","expires_on":"%d-01-01T00:00:00Z"}`, i, 2029-i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	parameters := 0
	for _, op := range gen.Operations {
		documented := operations(f.doc)[op.ID]
		for _, ref := range documented.Parameters {
			if ref.Value.In != "query" {
				continue
			}
			parameters++
			f.checkParameter(op, ref.Value)
		}
	}
	t.Logf("%d query parameters", parameters)
}

func (f *fake) checkParameter(op *gen.Operation, p *openapi3.Parameter) {
	f.t.Helper()
	without, changed, tried := f.call(op, request{}), false, []string{}
	for _, value := range f.ofParameter(p) {
		tried = append(tried, p.Name+"="+value)
		e := f.call(op, request{query: map[string]string{p.Name: value}})
		if e.Response.Status != http.StatusOK {
			f.t.Errorf("%s?%s=%s on the fake: %s, want status 200, because openapi.yaml allows the value: make %s accept it (check enums with the Valid method of the type in gen)",
				op.ID, p.Name, value, e.failure(), f.handler(op))
			continue
		}
		changed = changed || !reflect.DeepEqual(without.result(), e.result())
	}
	if value := p.Schema.Value.Default; value != nil {
		e := f.call(op, request{query: map[string]string{p.Name: fmt.Sprint(value)}})
		if !bytes.Equal(without.Response.Body, e.Response.Body) {
			f.t.Errorf("%s?%s=%v on the fake differs from the result without it, but openapi.yaml says that it is the default: correct %s or the document", op.ID, p.Name, value, f.handler(op))
		}
	}
	switch listed := neverApplied[op.ID+"?"+p.Name] != ""; {
	case changed && listed:
		f.t.Errorf("neverApplied in contract_test/fake_test.go lists %s?%s, which affects the result on the fake: delete it", op.ID, p.Name)
	case !changed && !listed:
		f.t.Errorf("query parameter %s?%s does not affect the result on the fake (sent: %s): make %s apply it; if it already does, add a token to TestFake_QueryParameters in contract_test/fake_test.go for which the result differs; if the API ignores it, add it to neverApplied there with the reason",
			op.ID, p.Name, strings.Join(tried, ", "), f.handler(op))
	}
}
