package bench

import (
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// TestRetryableHTTP checks that a client that retries by itself does not create a second
// token: its second request is stopped.
func TestRetryableHTTP(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cftokenstest.Fault{
		"connection lost": {Operation: "createToken", DropAfter: true},
		"status 502":      {Operation: "createToken", DropAfter: true, Status: 502},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer()
			t.Cleanup(server.Close)
			retrying := retryablehttp.NewClient()
			retrying.Logger, retrying.RetryWaitMin = nil, time.Millisecond
			client, err := server.NewClient(cftokens.WithHTTPClient(retrying.StandardClient()))
			if err != nil {
				t.Fatal(err)
			}
			server.Inject(fault)
			_, err = client.Create(t.Context(), cftokens.TokenCreate{Name: "once", Policies: []cftokens.Policy{{
				Effect:           cftokens.EffectAllow,
				PermissionGroups: []cftokens.PermissionGroupRef{{ID: "4755a26eedb94da69e1066d98aa820be"}},
				Resources:        resource.Of(resource.AllZones()),
			}}})
			if !errors.Is(err, cftokens.ErrOutcomeUnknown) {
				t.Errorf("Create() error = %v, want ErrOutcomeUnknown", err)
			}
			if n := len(server.Tokens()); n != 1 {
				t.Errorf("%d tokens exist, want 1", n)
			}
		})
	}
}
