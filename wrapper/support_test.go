package cftokens_test

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const (
	tokenID    = "1f0e2d3c4b5a69788796a5b4c3d2e1f0"
	credential = "TEST-credential_not_a_secret_0123456789"
	leak       = "MUST-NOT-LEAK" // must not appear in an error or a log
	tokenValue = "EXAMPLE-token_value_not_a_secret_0123456"
)

const (
	groupID  = "c8fed203ed3043cba015a93ad1616f1f"
	zoneID   = "ffeeddccbbaa99887766554433221100"
	zoneName = "com.cloudflare.api.account.zone." + zoneID

	tokenJSON = `{"id":"` + tokenID + `","name":"n","status":"active","policies":[` +
		`{"id":"a1b2c3d4e5f60718293a4b5c6d7e8f90","effect":"allow","resources":{"` + zoneName + `":"*"},` +
		`"permission_groups":[{"id":"` + groupID + `","name":"Zone Read"}]}]}`
	policyJSON = `{"effect":"allow","permission_groups":[{"id":"` + groupID + `"}],"resources":{"` + zoneName + `":"*"}}`
)

func policy() cftokens.Policy {
	return cftokens.Policy{
		Effect:           cftokens.EffectAllow,
		PermissionGroups: []cftokens.PermissionGroupRef{{ID: groupID}},
		Resources:        resource.Of(resource.Zone(zoneID)),
	}
}

func tokenCreate() cftokens.TokenCreate {
	return cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{policy()}}
}

// changes reports whether an operation changes something, by its operationId.
func changes(operation string) bool { return operationByID(operation).Method != http.MethodGet }

func operationByID(id string) *gen.Operation {
	for _, op := range gen.Operations {
		if op.ID == id {
			return op
		}
	}
	panic("no operation " + id)
}

// everyCall has a call of each operation, by operationId.
var everyCall = map[string]func(*testing.T, *cftokens.Client) error{
	"listTokens": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.List(t.Context(), cftokens.ListOptions{})
		return err
	},
	"getToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Get(t.Context(), tokenID)
		return err
	},
	"createToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Create(t.Context(), tokenCreate())
		return err
	},
	"updateToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Update(t.Context(), tokenID, cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{policy()}})
		return err
	},
	"deleteToken": func(t *testing.T, c *cftokens.Client) error {
		return c.Delete(t.Context(), tokenID)
	},
	"verifyToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Verify(t.Context())
		return err
	},
	"rollToken": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.Roll(t.Context(), tokenID)
		return err
	},
	"listPermissionGroups": func(t *testing.T, c *cftokens.Client) error {
		_, err := c.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{})
		return err
	},
}

// checkError checks that the error of a call matches target, if any, and contains text.
func checkError(t testing.TB, call string, err, target error, text string) {
	t.Helper()
	if target != nil && !errors.Is(err, target) {
		t.Errorf("%s error = %v, want it to match %q", call, err, target)
	}
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s error = %v, want it to contain %q", call, err, text)
	}
}

// checkUnknown checks whether the error of a call matches ErrOutcomeUnknown.
func checkUnknown(t testing.TB, call string, err error, want bool) {
	t.Helper()
	if got := errors.Is(err, cftokens.ErrOutcomeUnknown); got != want {
		t.Errorf("%s error = %v, matches ErrOutcomeUnknown: %v, want %v", call, err, got, want)
	}
}

// checkNoLeak checks that the error of a call, if any, contains none of the secrets.
func checkNoLeak(t testing.TB, call string, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s error = %v, want it without %q", call, err, secret)
		}
	}
}

// checkCreated checks that a call returned the ID and the value of the token.
func checkCreated(t testing.TB, call string, got *cftokens.CreatedToken) {
	t.Helper()
	if got == nil {
		t.Fatalf("%s = nil, want a token", call)
	}
	if got.ID != tokenID {
		t.Errorf("%s = token %q, want %s", call, got.ID, tokenID)
	}
	if value := got.Value.Reveal(); value != tokenValue {
		t.Errorf("%s = value %q, want %s", call, value, tokenValue)
	}
}

// asError returns the error of type T in the chain of a call's error.
func asError[T error](t testing.TB, call string, err error) (target T) {
	t.Helper()
	if !errors.As(err, &target) {
		t.Fatalf("%s error = %v, want a %T", call, err, target)
	}
	return target
}

// object decodes a JSON object.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%q is not a JSON object: %v", text, err)
	}
	return m
}

// fill sets every exported field below v to a non-zero value.
func fill(t *testing.T, v any) {
	t.Helper()
	fillValue(t, reflect.ValueOf(v).Elem())
}

func fillValue(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("192.0.2.0")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(t, v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(t, v.Elem())
	case reflect.Struct:
		for _, field := range v.Fields() {
			fillValue(t, field)
		}
	default:
		t.Fatalf("no value for a %v", v.Type())
	}
}

var discardLog = log.New(io.Discard, "", 0)
