package contract_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/internal/strict"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

var recordLive = flag.Bool("record.live", false, "record from the live API, with CLOUDFLARE_API_TOKEN, into testdata/recordings")

// lifecycle calls every operation on user tokens or on account tokens, and deletes the
// token that it created.
func (r *recorder) lifecycle(ctx context.Context, client *cftokens.Client, zones resource.Resource) (err error) {
	groups, err := client.FindPermissionGroups(ctx, cftokens.ScopeAccountZone, "Zone Read")
	if err != nil {
		return err
	}
	created, err := client.Create(ctx, cftokens.TokenCreate{Name: "cftokens recording, to be deleted", Policies: []cftokens.Policy{{
		Effect: cftokens.EffectAllow, PermissionGroups: groups, Resources: resource.Of(zones),
	}}})
	if created == nil {
		return err
	}
	r.secrets = append(r.secrets, created.Value.Reveal())
	defer func() {
		err = errors.Join(err, client.Delete(context.WithoutCancel(ctx), created.ID))
		if _, getErr := client.Get(ctx, created.ID); getErr == nil {
			err = errors.Join(err, errors.New("the deleted token still exists"))
		}
	}()
	if err != nil {
		return err // a token that could not be decoded was returned too, and is deleted
	}
	if _, err := client.Edit(ctx, created.ID, func(u *cftokens.TokenUpdate) error {
		u.Condition.RequestIP.In = []string{"192.0.2.0/24"}
		return nil
	}); err != nil {
		return err
	}
	if _, err := client.List(ctx, cftokens.ListOptions{PerPage: 5}); err != nil {
		return err
	}
	if _, err := client.Get(ctx, created.ID); err != nil {
		return err
	}
	value, err := client.Roll(ctx, created.ID)
	if err != nil {
		return err
	}
	r.secrets = append(r.secrets, value.Reveal())
	// Verify needs a client with the new token: the server's token may be of another kind.
	own, err := client.WithToken(value.Reveal())
	if err != nil {
		return err
	}
	_, err = own.Verify(ctx)
	return err
}

// record runs the lifecycle of a user token and, if account is set, of an account token,
// and writes the exchanges to root.
func record(t *testing.T, root, token, account string, opts ...cftokens.Option) {
	t.Helper()
	w := &wire{next: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	client, err := cftokens.NewClient(token, append(opts, cftokens.WithHTTPClient(&http.Client{Transport: w}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))...)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{secrets: []string{token}, placeholders: map[string]string{}}
	if err := r.lifecycle(t.Context(), client, resource.AllZones()); err != nil {
		t.Fatal(err)
	}
	if account != "" {
		if client, err = client.Account(account); err != nil {
			t.Fatal(err)
		}
		if err := r.lifecycle(t.Context(), client, resource.ZonesIn(account)); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range w.exchanges {
		out, err := r.recording(e)
		if err != nil {
			t.Fatalf("%s: %v", e.operation, err)
		}
		if err := r.write(root, fmt.Sprintf("%d_live_%d.json", e.Response.Status, i+1), out); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRecorder records from the fake and checks the files that it wrote as other tests check
// the recordings. With -record.live, which make record passes, it records from the
// live API instead.
func TestRecorder(t *testing.T) {
	if *recordLive {
		token, account, base := environment(t, "record", "Write")
		record(t, "testdata/recordings", token, account, base)
		return
	}
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	root := t.TempDir()
	record(t, root, server.Token, server.AccountID, cftokens.WithBaseURL(server.URL))
	if left := append(server.Tokens(), server.AccountTokens()...); len(left) != 0 {
		t.Errorf("%d tokens left on the server, want 0", len(left))
	}

	exchanges := load(t, root)
	for _, problem := range document().problems(exchanges...) {
		t.Error(problem)
	}
	operations := map[string]bool{}
	for _, e := range exchanges {
		operations[e.operation] = true
		compareReturned(t, e, replay(t, e))
	}
	for _, op := range gen.Operations {
		if !operations[op.ID] {
			t.Errorf("lifecycle in contract_test/recorder_test.go does not call %s: add a call of its method, so that make record writes a recording", op.ID)
		}
	}
	for path, data := range files(t, root) {
		for _, secret := range []string{server.Token, server.AccountID, "FAKE-", "cftokens recording", "127.0.0.1", "user@example.com"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s contains %.12q", path, secret)
			}
		}
	}
}

// TestRecorder_Secrets checks that the recorder does not write a file that contains a
// secret, in any of the common encodings.
func TestRecorder_Secrets(t *testing.T) {
	t.Parallel()
	const leak = "EXAMPLE/token+value_not_a_secret_0123456"
	for name, text := range map[string]string{
		"verbatim": leak, "in a query": url.QueryEscape(leak), "in base64": base64.StdEncoding.EncodeToString([]byte(leak)), "in hexadecimal": fmt.Sprintf("%x", leak),
		"a live credential": "cfut" + "_" + strings.Repeat("A", 40),
	} {
		r := &recorder{secrets: []string{leak}, placeholders: map[string]string{}}
		e := &exchange{operation: "getToken"}
		e.Response.Body = json.RawMessage(jsonText(map[string]string{"message": "echo " + text}))
		root := t.TempDir()
		if err := r.write(root, "200_x.json", e); err == nil {
			t.Errorf("%s: write() error = nil, want one", name)
		}
		if written := files(t, root); len(written) != 0 {
			t.Errorf("%s: write() wrote %v, want no files", name, strict.Sorted(written))
		}
	}
}
