package cftokens

import (
	"context"
	"net/http"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// An Operation is an operation of the API.
type Operation struct {
	ID     string // operationId in openapi.yaml, such as "getToken"
	Method string
	Path   string // template without IDs, such as "/user/tokens/{token_id}"
}

// OperationFromContext returns the operation that a request is sent for, from the request's
// context. It is meant for an [net/http.RoundTripper] that traces, counts or logs requests,
// below [WithHTTPClient]. ok reports whether the request comes from a method of [Client];
// those of [Client.Generated] have no operation.
func OperationFromContext(ctx context.Context) (op Operation, ok bool) {
	o, ok := ctx.Value(operationKey{}).(*gen.Operation)
	if !ok {
		return Operation{}, false
	}
	return Operation{ID: o.ID, Method: o.Method, Path: o.Path}, true
}

type operationKey struct{}

// owner is the owner of tokens: an account, or, if that is empty, the user whose token the
// client authenticates with. Their endpoints are alike, but for the beginning of the path.
type owner struct{ account string }

// operation returns the operation for the owner, given that for a user.
func (o owner) operation(user *gen.Operation) *gen.Operation {
	if o.account == "" {
		return user
	}
	path := "/accounts/{account_id}" + strings.TrimPrefix(user.Path, "/user")
	for _, op := range gen.Operations {
		if op.Method == user.Method && op.Path == path {
			return op
		}
	}
	return user
}

// withPrefix returns err with the prefix of a method that calls op, an operation for a user.
func (c *Client) withPrefix(op *gen.Operation, err error) error {
	return withPrefix(c.owner.operation(op).ID, err)
}

// path returns the path of a request for the owner, given that for a user.
func (o owner) path(user string) string {
	if o.account == "" {
		return user
	}
	return "/accounts/" + o.account + strings.TrimPrefix(user, "/user")
}

// root is a placeholder for the base URL in generated requests.
const root = "/"

const contentType = "application/json"

// request is a request that generated code has built, for a user and without a body.
type request struct {
	http *http.Request
	err  error
}

func build(req *http.Request, err error) request { return request{req, err} }

// prepare prepends the base URL to the path of a generated request and sets headers.
func (c *Client) prepare(req *http.Request) {
	base := c.baseURL
	if base.RawPath != "" || req.URL.RawPath != "" {
		req.URL.RawPath = base.EscapedPath() + req.URL.EscapedPath()
	}
	req.URL.Path = base.Path + req.URL.Path
	req.URL.Scheme, req.URL.Host, req.Host = base.Scheme, base.Host, base.Host
	req.Header.Set("Authorization", "Bearer "+c.credential.Reveal())
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", contentType) // without it, Cloudflare's edge sends HTML
	if req.Method != http.MethodGet {
		req.Header.Set(clientHeader, version)
	}
}
