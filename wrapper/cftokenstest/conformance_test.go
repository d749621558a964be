package cftokenstest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/internal/strict"
)

// These tests compare the fake with openapi.yaml. In addition, every fake of newFake checks
// that its responses conform, and contract_test replays recordings on the fake.

// neverReturned lists the properties that no response of the fake contains, with the
// reason. A key is a property, or a schema for all of its properties. It applies to both
// owners unless it begins with one.
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

// fullBody has every property that can be sent to create or update a token.
const fullBody = `{"name":"n","not_before":"2026-01-01T00:00:00Z","expires_on":"2099-01-01T00:00:00Z",` +
	`"condition":{"request_ip":{"in":["127.0.0.0/8"],"not_in":["192.0.2.0/24"]}},"policies":[{"effect":"allow","resources":{` + zone + `},"permission_groups":[{"id":"` + zoneRead + `"}]}]}`

// ownerOf returns the owner of the tokens of an operation.
func (f *fake) ownerOf(op *gen.Operation) owner {
	if strings.HasPrefix(op.Path, "/accounts") {
		return f.owners()[1]
	}
	return f.owners()[0]
}

// TestConformance_Operations checks that every operation succeeds and can fail, and that
// every property of its responses occurs in one, for users and for accounts. The responses
// have the documented headers, except for Retry-After, which only RateLimited sends.
func TestConformance_Operations(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ops := strict.Default().Operations
	documented, returned, rays := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, op := range gen.Operations {
		owner := f.ownerOf(op)
		var token token
		f.do("POST", owner.path, fullBody).ok(&token)
		f.do("GET", owner.path+"/verify", "", as(token.Value)...).ok(nil) // so that the token has been used
		r := f.request(op, token.ID)
		r.body = strings.Replace(r.body, createBody, fullBody, 1)
		credential := f.Token
		if len(op.PermissionGroups) == 0 {
			credential = token.Value
		}
		responses := map[string]reply{"200": f.do(r.method, r.path, r.body, as(credential)...), "4XX": f.do(r.method, r.path, r.body, as("malformed")...)}
		responses["200"].ok(nil)
		requests := f.Requests()
		if got := requests[len(requests)-1].Operation; got != op.ID {
			t.Errorf("%s %s recorded the operation %q, want %s", r.method, r.path, got, op.ID)
		}
		for status, reply := range responses {
			response := ops[op.ID].Responses.Value(status).Value
			for name := range response.Headers {
				if reply.header.Get(name) == "" && name != "Retry-After" {
					t.Errorf("the response %s of %s lacks the header %s: set it in write in responses.go", status, op.ID, name)
				}
			}
			rays[reply.header.Get("Cf-Ray")] = true
			schema := strict.JSON(response.Content)
			strict.Reach(schema, false, func(property string) { documented[owner.name+" "+property] = true })
			strict.Cover([]byte(reply.body), schema, func(property string) { returned[owner.name+" "+property] = true })
		}
	}
	if len(rays) != 2*len(gen.Operations) {
		t.Errorf("%d values of Cf-Ray in %d responses, want one each", len(rays), 2*len(gen.Operations))
	}
	needed := map[string]bool{}
	var missing []string
	for _, name := range strict.Sorted(documented) {
		_, property, _ := strings.Cut(name, " ")
		schema, _, _ := strings.Cut(property, ".")
		listed := slices.DeleteFunc([]string{property, schema, name}, func(key string) bool { return neverReturned[key] == "" })
		switch {
		case returned[name]:
		case len(listed) > 0:
			needed[listed[0]] = true
		default:
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no response of the fake contains %q, which are in openapi.yaml: return them (see encode in tokens.go, policies.go and the handler of the operation), add them to fullBody in conformance_test.go if they must be sent first, or add those that the API does not return to neverReturned there", missing)
	}
	for _, name := range strict.Sorted(neverReturned) {
		if !needed[name] {
			t.Errorf("neverReturned in conformance_test.go lists %q, which the fake returns or openapi.yaml does not contain: delete it", name)
		}
	}
}

// ignoredPaging are the parameters that the fake ignores: an account returns all permission
// groups in one response, whatever page is requested (observed).
var ignoredPaging = []string{
	"listPermissionGroups?page", "listPermissionGroups?per_page", "listAccountPermissionGroups?page", "listAccountPermissionGroups?per_page",
}

// TestConformance_Parameters checks that every query parameter affects the result, that the
// fake accepts the values that the document allows, and that it has the same default.
func TestConformance_Parameters(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i := range 12 { // more tokens than fit on a page of the minimum size, some of them expired
		for _, owner := range f.owners() {
			if _, err := owner.put(fmt.Appendf(nil, `{"name":"token %d","expires_on":"%d-01-01T00:00:00Z"}`, i, 2020+10*(i%2))); err != nil {
				t.Fatal(err)
			}
		}
	}
	result := func(path string, query url.Values) string {
		var result any
		f.do("GET", path+"?"+query.Encode(), "").ok(&result)
		return regexp.MustCompile(`"last_used_on":"[^"]*"`).ReplaceAllString(encode(t, result), "")
	}
	for _, op := range gen.Operations {
		path := f.request(op, unknownID).path
		for _, ref := range strict.Default().Operations[op.ID].Parameters {
			p := ref.Value
			without, tried := result(path, nil), allowed(t, p)
			affects := slices.ContainsFunc(tried, func(value string) bool { return result(path, url.Values{p.Name: {value}}) != without })
			if ignored := slices.Contains(ignoredPaging, op.ID+"?"+p.Name); affects == ignored {
				t.Errorf("%s?%s affects the result: %t, want %t (tried %q): apply it in the handler, add a token to this test for which the result differs, or change ignoredPaging", op.ID, p.Name, affects, !ignored, tried)
			}
			if value := p.Schema.Value.Default; value != nil && result(path, url.Values{p.Name: {fmt.Sprint(value)}}) != without {
				t.Errorf("%s?%s=%v differs from the result without it, but openapi.yaml says that it is the default", op.ID, p.Name, value)
			}
		}
	}
}

// allowed returns values that the document allows for a parameter.
func allowed(t *testing.T, p *openapi3.Parameter) (values []string) {
	t.Helper()
	s := p.Schema.Value
	for _, value := range s.Enum {
		values = append(values, fmt.Sprint(value))
	}
	switch {
	case len(values) > 0:
	case s.Type.Is("boolean"):
		values = []string{"true", "false"}
	case s.Type.Is("integer") && s.Min != nil:
		values = []string{fmt.Sprint(*s.Min), fmt.Sprint(*s.Min + 1)}
	case p.Example != nil:
		values = []string{fmt.Sprint(p.Example)}
	default:
		t.Fatalf("openapi.yaml: parameter %s has no enum, minimum or example: add one, so that it can be tried", p.Name)
	}
	return values
}

// TestConformance_Permissions calls every operation with user tokens and account tokens
// that have a single permission group, and checks that the fake accepts or denies the call
// as x-api-token-group says. An operation without it verifies tokens of its own owner.
func TestConformance_Permissions(t *testing.T) {
	t.Parallel()
	const unrelated = "Zone Read"
	allowed, names := map[string][]string{}, map[string]bool{unrelated: true} // the groups by operation, and all of them
	for id, op := range strict.Default().Operations {
		groups, _ := op.Extensions["x-api-token-group"].([]any)
		for _, group := range groups {
			allowed[id] = append(allowed[id], group.(string))
		}
	}
	for _, op := range gen.Operations {
		for _, name := range slices.Concat(op.PermissionGroups, allowed[op.ID]) {
			names[name] = true
		}
	}
	for _, name := range strict.Sorted(names) {
		for i := range 2 {
			f := newFake(t)
			var groups []struct {
				ID     string
				Scopes []string
			}
			f.do("GET", "/user/tokens/permission_groups?name="+url.QueryEscape(name), "").ok(&groups)
			resource := `"` + groups[0].Scopes[0] + "." + f.AccountID + `":"*"` // for a user or a zone, any ID works
			owner := f.owners()[i]
			manager := owner.manager(t, f, policiesOn(resource, groups[0].ID), "")
			for _, op := range gen.Operations {
				own := f.ownerOf(op)
				r := f.request(op, own.manager(t, f, "[]", "").ID)
				got := f.do(r.method, r.path, r.body, as(manager.Value)...)
				want := 0 // neither 401 nor 403; a token may lack the groups that it tries to grant
				switch verifies := len(allowed[op.ID]) == 0; {
				case verifies && own.name != owner.name:
					want = http.StatusUnauthorized
				case !verifies && (!slices.Contains(allowed[op.ID], name) || owner.name == "account" && own.name == "user"):
					want = http.StatusForbidden
				}
				denied := got.status == http.StatusUnauthorized || got.status == http.StatusForbidden
				if got.status >= 500 || denied != (want != 0) || denied && got.status != want {
					t.Errorf("%s with the %s token that has only the permission group %q: status %d, want %d (0: neither 401 nor 403), because of x-api-token-group and securitySchemes in openapi.yaml: %s",
						op.ID, owner.name, name, got.status, want, got.body)
				}
			}
		}
	}
}
