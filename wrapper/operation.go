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
