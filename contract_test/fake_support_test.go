package contract_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// fake is a cftokenstest server with a client that uses only the document.
type fake struct {
	*cftokenstest.Server
	*validator
	*sampler

	t    *testing.T
	wire *wire
}

// newFake starts a server whose clock is set so that the token in the document's examples
// is valid.
func newFake(t *testing.T, v *validator) *fake {
	t.Helper()
	server := cftokenstest.NewServer(cftokenstest.WithClock(func() time.Time { return time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC) }))
	t.Cleanup(server.Close)
	f := &fake{Server: server, validator: v, t: t, wire: &wire{next: &http.Transport{}}}
	f.sampler = &sampler{t: t, values: map[string][]any{}, replacer: strings.NewReplacer()}
	if account := v.doc.Components.Parameters["AccountID"]; account != nil && account.Value.Example != nil {
		f.replacer = strings.NewReplacer(account.Value.Example.(string), server.AccountID)
	}
	// Groups must exist and match the scope of the resources in the same policy.
	const group = "PermissionGroupRef.id"
	example, ok := v.schemaOf(group).Example.(string)
	if !ok {
		t.Fatalf("openapi.yaml has no example of %s: add one, which contract_test/fake_support_test.go needs", group)
	}
	f.values[group] = f.groupsLike(example)
	return f
}

// groupsLike returns id, the ID of a permission group, and the ID of another group with
// the same scopes.
func (f *fake) groupsLike(id string) []any {
	f.t.Helper()
	client, err := f.NewClient()
	if err != nil {
		f.t.Fatal(err)
	}
	scopes := map[string][]any{}
	var scope string
	for group, err := range client.AllPermissionGroups(f.t.Context(), cftokens.PermissionGroupOptions{}) {
		if err != nil {
			f.t.Fatalf("AllPermissionGroups() error = %v", err)
		}
		key := jsonText(group.Scopes)
		if group.ID == id {
			scope = key
		} else {
			scopes[key] = append(scopes[key], group.ID)
		}
	}
	if len(scopes[scope]) == 0 {
		f.t.Fatalf("the fake lacks the permission group %s of openapi.yaml's example, or another group with its scopes: add it to permission_groups.tsv in wrapper/cftokenstest", id)
	}
	return []any{id, scopes[scope][0]}
}

// schemaOf returns the schema of a property, such as "Token.name", or an empty schema.
func (v *validator) schemaOf(property string) *openapi3.Schema {
	component, name, _ := strings.Cut(property, ".")
	if ref := v.component(component).Properties[name]; ref != nil {
		return ref.Value
	}
	return &openapi3.Schema{}
}

// component returns a schema by name, or an empty schema.
func (v *validator) component(name string) *openapi3.Schema {
	if ref := v.doc.Components.Schemas[name]; ref != nil {
		return ref.Value
	}
	return &openapi3.Schema{}
}

// Families of operations.
const (
	ofUser    = "user"
	ofAccount = "account"
)

func familyOf(op *gen.Operation) string {
	if userOperation(op.ID) == op.ID {
		return ofUser
	}
	return ofAccount
}

// inFamily returns the operation of a family that corresponds to a user operation.
func inFamily(family, userID string) *gen.Operation {
	for _, op := range gen.Operations {
		if family == familyOf(op) && userOperation(op.ID) == userID {
			return op
		}
	}
	return nil
}

// bodies returns request bodies that the document allows for an operation: see
// sampler.of. For an operation without a body, it returns one empty sample.
func (f *fake) bodies(op *gen.Operation) []sample {
	f.t.Helper()
	documented := operations(f.doc)[op.ID]
	if documented.RequestBody == nil {
		return []sample{{}}
	}
	return f.of(op.ID, jsonSchema(documented.RequestBody.Value.Content))
}

// request specifies a call. The default credential is the server's token.
type request struct {
	tokenID, credential string
	query               map[string]string
	body                any
	invalid             bool // the document does not allow the request
}

// call sends a request and returns it with its response. The test fails if the document
// does not allow them.
func (f *fake) call(op *gen.Operation, r request) *exchange {
	f.t.Helper()
	e := &exchange{Source: "fake", operation: op.ID, name: op.ID}
	e.Request.Method, e.Request.Query = op.Method, r.query
	e.Request.Path = strings.NewReplacer("{account_id}", f.AccountID, "{token_id}", r.tokenID).Replace(op.Path)
	if r.body != nil {
		e.Request.Body = json.RawMessage(jsonText(r.body))
	}
	req := e.request()
	if e.Request.Body == nil {
		req.Body = nil
	}
	if r.credential == "" {
		r.credential = f.Token
	}
	req.Header.Set("Authorization", "Bearer "+r.credential)
	var err error
	if req.URL, err = url.Parse(f.URL + strings.TrimPrefix(req.URL.String(), baseURL)); err != nil {
		f.t.Fatal(err)
	}
	resp, err := f.wire.RoundTrip(req.WithContext(f.t.Context()))
	if err != nil {
		f.t.Fatalf("%s: the fake does not respond: %v: see handlers in wrapper/cftokenstest/routes.go, and %s", op.ID, err, f.handler(op))
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	done := f.wire.exchanges[len(f.wire.exchanges)-1]
	done.operation = op.ID
	requestErr, responseErr := f.check(done.request(), done.response())
	if r.invalid && requestErr == nil {
		f.t.Errorf("openapi.yaml allows a request of %s that it must reject: %s", op.ID, e.Request.Body)
	} else if !r.invalid && requestErr != nil {
		f.t.Errorf("openapi.yaml rejects a request generated by contract_test/samples_test.go: %v", requestErr)
	}
	if responseErr != nil {
		f.t.Errorf("openapi.yaml rejects a response of the fake: %v: see %s", responseErr, f.handler(op))
	}
	return done
}

// create creates a token with every property that the document allows.
func (f *fake) create(family string) (id, value string) {
	f.t.Helper()
	op := inFamily(family, "createToken")
	e := f.call(op, request{body: f.bodies(op)[0].value})
	created, _ := e.result().(map[string]any)
	id, _ = created["id"].(string)
	value, _ = created["value"].(string)
	if e.Response.Status != http.StatusOK || id == "" || value == "" {
		f.t.Fatalf("%s on the fake, with every property that openapi.yaml allows: %s, want status 200 with an ID and a value: see %s",
			op.ID, e.failure(), f.handler(op))
	}
	return id, value
}
