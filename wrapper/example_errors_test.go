package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

func ExampleAPIError() {
	client, done := exampleClient()
	defer done()

	_, err := client.Get(context.Background(), "0123456789abcdef0123456789abcdef")
	if apiErr, ok := errors.AsType[*cftokens.APIError](err); ok {
		fmt.Println(apiErr.Operation, apiErr.StatusCode, apiErr.HasCode(1003), errors.Is(err, cftokens.ErrNotFound))
	}
	// Output: getToken 404 true true
}

// Expired tokens count toward the quota until they are deleted.
func Example_tokenLimit() {
	server := cftokenstest.NewServer()
	defer server.Close()
	for range 50 {
		expired := fmt.Sprintf(`{"name":"old","expires_on":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339))
		if _, err := server.PutToken([]byte(expired)); err != nil {
			panic(err)
		}
	}
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	spec := cftokens.TokenCreate{Name: "reader", Policies: examplePolicies(ctx, client)}
	token, err := client.Create(ctx, spec)
	if errors.Is(err, cftokens.ErrTokenLimit) {
		fmt.Println("the quota is used up: deleting expired tokens")
		var expired []string // deleted after the loop, because the API uses page numbers
		for token, err := range client.All(ctx, cftokens.ListOptions{IncludeExpired: true}) {
			if err != nil {
				fmt.Println(err)
				return
			}
			if token.Status == cftokens.TokenStatusExpired {
				expired = append(expired, token.ID)
			}
		}
		for _, id := range expired {
			if err := client.Delete(ctx, id); err != nil {
				fmt.Println(err)
				return
			}
		}
		token, err = client.Create(ctx, spec)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Name, len(server.Tokens()))
	// Output:
	// the quota is used up: deleting expired tokens
	// reader 1
}

// Errors are checked in this order, because one error may match several of these.
func Example_errors() {
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	create := func(name string) {
		ctx := context.Background()
		token, err := client.Create(ctx, cftokens.TokenCreate{Name: name, Policies: examplePolicies(ctx, client)})
		if token != nil {
			store(token.Value) // even with an error
		}
		var apiErr *cftokens.APIError
		var decodeErr *cftokens.DecodeError
		switch {
		case err == nil:
			fmt.Println("created")
		case errors.Is(err, cftokens.ErrOutcomeUnknown):
			fmt.Println("look for a token of this name, and delete it")
		case errors.Is(err, cftokens.ErrInvalidArgument):
			fmt.Println("nothing was sent")
		case errors.Is(err, cftokens.ErrTokenLimit):
			fmt.Println("delete expired tokens")
		case errors.Is(err, cftokens.ErrManagesTokens):
			fmt.Println("create the token in the dashboard")
		case errors.Is(err, cftokens.ErrUnauthorized), errors.Is(err, cftokens.ErrForbidden):
			fmt.Println("check the token of the client")
		case errors.Is(err, cftokens.ErrRateLimited), errors.Is(err, cftokens.ErrServer):
			fmt.Println("try again later")
		case errors.As(err, &apiErr):
			fmt.Println("rejected:", apiErr.Errors)
		case errors.As(err, &decodeErr):
			fmt.Println("not a response of the API")
		default:
			fmt.Println("not sent: canceled, or no connection")
		}
	}
	create("")
	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})
	create("a")
	server.Inject(cftokenstest.TokenLimitReached())
	create("b")
	create("c")
	// Output:
	// nothing was sent
	// look for a token of this name, and delete it
	// delete expired tokens
	// created
}

func store(secret.Value) {}

// The API does not create tokens that manage tokens.
func Example_managesTokens() {
	client, done := exampleClient()
	defer done()
	ctx := context.Background()

	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeUser, "API Tokens Write")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Create(ctx, cftokens.TokenCreate{Name: "manager", Policies: []cftokens.Policy{{
		Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: resource.Of(resource.User("1f2e3d4c5b6a79880123456789abcdef")),
	}}})
	fmt.Println(errors.Is(err, cftokens.ErrManagesTokens))
	// Output: true
}

func ExampleReplaceError() {
	server := cftokenstest.NewServer()
	defer server.Close()
	client, err := server.NewClient()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	old := exampleToken(ctx, client, "reader")

	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true}) // the response is lost
	_, err = client.Replace(ctx, old.ID, nil, func(context.Context, *cftokens.CreatedToken) error { return nil })
	if replaceErr, ok := errors.AsType[*cftokens.ReplaceError](err); ok {
		fmt.Println(replaceErr.OldID == old.ID, replaceErr.NewID == "", len(replaceErr.Candidates))
	}
	// Output: true true 1
}
