package cftokenstest_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// TestInMemory waits for a Retry-After, a delay, a new value and an expiry, in no time.
func TestInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := cftokenstest.NewServer(cftokenstest.InMemory())
		defer server.Close()
		client, err := server.NewClient()
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		server.Inject(cftokenstest.RateLimited(20 * time.Second))
		server.Inject(cftokenstest.Fault{Operation: "verifyToken", Status: http.StatusUnauthorized, Delay: time.Minute})
		expires := start.Add(time.Hour)
		created, err := client.Create(t.Context(), cftokens.TokenCreate{
			Name: "n", ExpiresOn: &expires, Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"127.0.0.1"}}},
			Policies: []cftokens.Policy{{
				Effect: cftokens.EffectAllow, PermissionGroups: []cftokens.PermissionGroupRef{{ID: tokensRead}}, Resources: resource.Of(resource.User("u")),
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.WaitUntilActive(t.Context(), created.Value); err != nil {
			t.Errorf("WaitUntilActive() error = %v", err)
		}
		if elapsed := time.Since(start); elapsed < 80*time.Second || elapsed > 100*time.Second {
			t.Errorf("%v have passed, want 80 s and a little more", elapsed)
		}
		own, err := client.WithToken(created.Value.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := own.List(t.Context(), cftokens.ListOptions{}); err != nil {
			t.Errorf("List() error = %v", err)
		}
		time.Sleep(time.Hour)
		if _, err := own.List(t.Context(), cftokens.ListOptions{}); !errors.Is(err, cftokens.ErrUnauthorized) {
			t.Errorf("List() after the expiry: error = %v, want ErrUnauthorized", err)
		}
	})
}

// TestClient checks that the client reaches the server, until it is closed, and that no other
// client reaches one in memory.
func TestClient(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cftokenstest.Option{"network": nil, "memory": {cftokenstest.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, opts...)
			other, err := f.try("GET", "/user/tokens", "")
			if reached := err == nil; reached != (opts == nil) {
				t.Errorf("another client: %v, %v", other.status, err)
			}
			f.http = f.Client()
			f.do("GET", "/user/tokens", "").ok(nil)
			f.Inject(cftokenstest.Fault{DropAfter: true})
			if _, err := f.try("POST", "/user/tokens", createBody); !errors.Is(err, io.ErrUnexpectedEOF) || len(f.Tokens()) != 1 {
				t.Errorf("error of a dropped connection = %v with %d tokens, want io.ErrUnexpectedEOF with 1", err, len(f.Tokens()))
			}
			requests := len(f.Requests())
			f.Close()
			f.Close()
			if r, err := f.try("GET", "/user/tokens", ""); err == nil || len(f.Tokens()) != 1 || len(f.Requests()) != requests {
				t.Errorf("after Close: %d with %d tokens and %d requests, want an error, and the server as before", r.status, len(f.Tokens()), len(f.Requests()))
			}
		})
	}
}
