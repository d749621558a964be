package cftokenstest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// owner is the user or the account of a fake.
type owner struct {
	name   string
	path   string
	tokens func() []cftokens.Token
	put    func(json.RawMessage) (string, error)
}

func (f *fake) owners() []owner {
	return []owner{
		{name: "user", path: "/user/tokens", tokens: f.Tokens, put: f.PutToken},
		{name: "account", path: "/accounts/" + f.AccountID + "/tokens", tokens: f.AccountTokens, put: f.PutAccountToken},
	}
}

// request is a request for an operation.
type request struct{ method, path, body string }

func (f *fake) request(op *gen.Operation, id string) request {
	r := request{method: op.Method}
	r.path = strings.NewReplacer("{account_id}", f.AccountID, "{token_id}", id).Replace(op.Path)
	switch op {
	case gen.OpCreateToken, gen.OpUpdateToken, gen.OpCreateAccountToken, gen.OpUpdateAccountToken:
		r.body = createBody
	case gen.OpRollToken, gen.OpRollAccountToken:
		r.body = "{}"
	}
	return r
}

// manager stores a token that manages tokens, which the API does not create.
func (o owner) manager(t testing.TB, f *fake, policies, more string) (manager token) {
	t.Helper()
	policies = strings.ReplaceAll(policies, `{"effect"`, `{"id":"stored","effect"`)
	id, err := o.put([]byte(`{"name":"manager","policies":` + policies + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	value, _ := f.Value(id)
	return token{ID: id, Value: value.Reveal()}
}

func (f *fake) manager(policies, more string) token {
	f.t.Helper()
	return f.owners()[0].manager(f.t, f, policies, more)
}
