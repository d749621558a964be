// Command newproperty prints the bodies that Create, Update, Edit and Replace send.
// TestNewProperty runs it in a scratch copy of this module whose document has a
// property "added" more in TokenCreate, TokenUpdate, Policy and Condition.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

const (
	id     = "1f0e2d3c4b5a69788796a5b4c3d2e1f0"
	copyID = "2f0e2d3c4b5a69788796a5b4c3d2e1f0"
	policy = `{"id":"p","effect":"allow","added":"policy","permission_groups":[{"id":"g","name":"Zone Read"}],"resources":{"r":"*"}}`
	token  = `{"id":"` + id + `","name":"n","added":"token","not_before":null,"expires_on":null,` +
		`"condition":{"added":"condition","request_ip":null},"policies":[` + policy + `]}`
)

// printer responds to every request with token, or with its copy.
type printer struct{ token string }

func (p printer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		fmt.Println(string(sent))
	}
	result := strings.Replace(p.token, `"name"`, `"value":"EXAMPLE-token_value_not_a_secret_0123456","name"`, 1)
	if req.Method == http.MethodPost || !strings.HasSuffix(req.URL.Path, id) {
		result = strings.Replace(result, id, copyID, 1)
	}
	response := `{"success":true,"errors":[],"messages":[],"result":` + result + `}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(response)), Request: req}, nil
}

func newClient(token string) *cftokens.Client {
	client, err := cftokens.NewClient("t", cftokens.WithHTTPClient(&http.Client{Transport: printer{token}}))
	if err != nil {
		panic(err)
	}
	return client
}

func main() {
	client := newClient(token)
	ctx := context.Background()
	condition := cftokens.Condition{Added: "condition"}
	policies := []cftokens.Policy{{
		Effect: cftokens.EffectAllow, Added: "policy", Resources: resource.Of(resource.Named("r")),
		PermissionGroups: []cftokens.PermissionGroupRef{{ID: "g"}},
	}}
	if _, err := client.Create(ctx, cftokens.TokenCreate{Name: "n", Added: "token", Condition: condition, Policies: policies}); err != nil {
		panic(err)
	}
	if _, err := client.Update(ctx, id, cftokens.TokenUpdate{Name: "n", Added: "token", Condition: condition, Policies: policies}); err != nil {
		panic(err)
	}
	if _, err := client.Edit(ctx, id, func(*cftokens.TokenUpdate) error { return nil }); err != nil {
		panic(err)
	}
	active := newClient(strings.Replace(token, `"name"`, `"status":"active","name"`, 1))
	if _, err := active.Replace(ctx, id, nil, func(context.Context, *cftokens.CreatedToken) error { return nil }); err != nil {
		panic(err)
	}
}
