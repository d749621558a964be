package cftokens

import (
	"context"

	"github.com/cftokens/cftokens-go/gen"
)

// An Operation is an operation of the API.
type Operation struct {
	ID     string // operationId in openapi.yaml, such as "getToken"
	Method string
	Path   string // template without IDs, such as "/user/tokens/{token_id}"
}

// OperationFromContext returns the operation that a request is sent for, from the request's
// context. It is meant for a [net/http.RoundTripper] below [WithHTTPClient] that traces or
// logs requests. Those of [Client.Generated] have no operation.
func OperationFromContext(ctx context.Context) (op Operation, ok bool) {
	o, ok := ctx.Value(operationKey{}).(*gen.Operation)
	if !ok {
		return Operation{}, false
	}
	return Operation{ID: o.ID, Method: o.Method, Path: o.Path}, true
}

type operationKey struct{}
