package cftokens_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestReplace_Faults injects every fault into every call of Replace: once, so that retries
// may help, and always.
func TestReplace_Faults(t *testing.T) {
	t.Parallel()
	const (
		never  = iota // not retried
		reads         // retried for reads, updates and deletes
		all           // retried for creates too
		verify        // retried by WaitUntilActive
	)
	kinds := []struct {
		name    string
		fault   cftokenstest.Fault
		retried int
	}{
		{"dropped before", cftokenstest.Fault{DropBefore: true}, reads},
		{"dropped after", cftokenstest.Fault{DropAfter: true}, reads},
		{"status 500", cftokenstest.Fault{Status: 500, Body: apiError("971", "wait")}, reads},
		{"status 502 after effect", cftokenstest.Fault{Status: 502, Body: "<html>", DropAfter: true}, reads},
		{"truncated", cftokenstest.Fault{TruncateAt: 20}, reads},
		{"truncated to nothing", cftokenstest.Fault{TruncateAt: -1}, reads},
		{"status 429", cftokenstest.Fault{Status: 429, Body: apiError("971", "wait")}, all},
		{"status 401", cftokenstest.Fault{Status: 401, Body: apiError("10000", "Authentication error")}, verify},
		{"status 403", cftokenstest.Fault{Status: 403, Body: apiError("9109", "Unauthorized")}, never},
		{"status 403, code 10000", cftokenstest.Fault{Status: 403, Body: apiError("10000", "Authentication error")}, verify},
		{"status 400", cftokenstest.Fault{Status: 400, Body: apiError("1001", "no")}, never},
		{"status 404", cftokenstest.Fault{Status: 404, Body: "<html>"}, never},
		{"redirect", cftokenstest.Fault{Status: 302, Header: http.Header{"Location": {"/login"}}}, never},
		{"redirect after effect", cftokenstest.Fault{Status: 302, Header: http.Header{"Location": {"/login"}}, DropAfter: true}, never},
		{"success: false", cftokenstest.Fault{Body: apiError("1", "no")}, never},
		{"no response", cftokenstest.Fault{Delay: time.Hour}, never},
	}
	errUse := errors.New("disk full")
	for _, step := range []struct{ name, operation string }{
		{"get", "getToken"},
		{"create", "createToken"},
		{"verify", "verifyToken"},
		{"delete old", "deleteToken"},
		{"delete new", "deleteToken"},
		{"list candidates", "listTokens"},
	} {
		for _, kind := range kinds {
			for times, often := range map[int]string{1: "once", 1000: "always"} {
				t.Run(step.name+"/"+kind.name+"/"+often, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						r := newRotation(t)
						fault := kind.fault
						fault.Operation, fault.Times = step.operation, times
						use := func(context.Context, *cftokens.CreatedToken) error { return nil }
						wantErr := times > 1 || kind.retried == never || kind.retried == verify
						switch step.name {
						case "create":
							wantErr = times > 1 || kind.retried != all
						case "verify":
							wantErr = times > 1 || kind.retried == never
						case "delete new":
							use = func(context.Context, *cftokens.CreatedToken) error { return errUse }
							wantErr = true
						case "list candidates":
							r.server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})
							wantErr = true
						}
						r.server.Inject(fault)
						ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
						defer cancel()
						err := r.replace(ctx, t, use)
						if (err != nil) != wantErr {
							t.Errorf("Replace() error = %v, want an error: %v", err, wantErr)
						}
						if step.name == "delete new" && !errors.Is(err, errUse) {
							t.Errorf("Replace() error = %v, want it to match the error of use", err)
						}
						if replaceErr := (*cftokens.ReplaceError)(nil); err != nil && !errors.As(err, &replaceErr) {
							t.Errorf("Replace() error = %v, want a *ReplaceError", err)
						}
						if sent := count(r.server, "createToken"); sent > 1 && kind.retried != all {
							t.Errorf("Replace() sent %d creates, want 1", sent)
						}
					})
				})
			}
		}
	}
}

// count returns how many requests for an operation a server received.
func count(server *cftokenstest.Server, operation string) (n int) {
	for _, req := range server.Requests() {
		if req.Operation == operation {
			n++
		}
	}
	return n
}
