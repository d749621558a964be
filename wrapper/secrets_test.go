package cftokens_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// printable returns what a program might print that contains or produced a secret, by name,
// and the secrets.
func printable(t testing.TB) (things map[string]any, secrets []string) {
	t.Helper()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	// fmt reads the client by reflection, so it must not contain the transport, which is in use.
	transport := roundTripper(new(http.Transport).RoundTrip)
	client, err := cftokens.NewClient(server.Token, cftokens.WithBaseURL(server.URL),
		cftokens.WithHTTPClient(&http.Client{Transport: transport}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	if err != nil {
		t.Fatal(err)
	}
	create := tokenCreate()
	created, err := client.Create(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	createdValue := created.Value.Reveal()
	rolled, err := client.Roll(t.Context(), created.ID)
	if err != nil {
		t.Fatal(err)
	}
	own, err := cftokens.NewClient(createdValue, cftokens.WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, apiErr := own.Verify(t.Context())
	if !errors.Is(apiErr, cftokens.ErrUnauthorized) {
		t.Fatalf("Verify() with the old value: error = %v, want ErrUnauthorized", apiErr)
	}
	server.Inject(cftokenstest.Fault{Operation: "rollToken", TruncateAt: 40})
	_, truncatedErr := client.Roll(t.Context(), created.ID)
	server.Inject(cftokenstest.Fault{Operation: "getToken", Status: 500, Body: "echo: " + server.Token})
	_, echoErr := client.Get(t.Context(), created.ID)
	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})
	_, lostErr := client.Create(t.Context(), create)
	account, err := client.Account(server.AccountID)
	if err != nil {
		t.Fatal(err)
	}
	owned, err := account.Create(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	other, err := account.WithToken(owned.Value.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"truncated": truncatedErr, "echo": echoErr, "lost": lostErr} {
		if err == nil {
			t.Fatalf("%s: error = nil, want one", name)
		}
	}
	options := []cftokens.Option{cftokens.WithBaseURL(server.URL), cftokens.WithUserAgent("a/1")}
	things = map[string]any{
		"client":    client,
		"*client":   *client,
		"generated": client.Generated(),
		"account":   account,
		"other":     other,
		"owned":     owned,
		"options":   options,
		"create":    create,
		"created":   created,
		"*created":  *created,
		"rolled":    rolled,
		"api error": apiErr,
		"truncated": truncatedErr,
		"echo":      echoErr,
		"lost":      lostErr,
		"wrapped":   fmt.Errorf("wrapped: %w", lostErr),
		"joined":    errors.Join(apiErr, truncatedErr, echoErr),
		"requests":  server.Requests(),
		"tokens":    server.Tokens(),
		"struct":    struct{ A, b any }{created, rolled},
		"pointers":  []any{&created, &rolled, map[string]any{"k": created}},
	}
	return things, []string{server.Token, createdValue, rolled.Reveal(), owned.Value.Reveal()}
}

// checkHidden checks that a text contains none of the secrets, in any encoding.
func checkHidden(t *testing.T, secrets []string, what, text string) {
	t.Helper()
	for i, s := range secrets {
		for _, form := range []string{s, fmt.Sprintf("%x", s), fmt.Sprintf("%X", s), fmt.Sprintf("%d", []byte(s)), s[len(s)-16:]} {
			if strings.Contains(text, form) {
				t.Errorf("%s contains secret %d", what, i)
				return
			}
		}
	}
}

func TestSecrets_Redacted(t *testing.T) {
	t.Parallel()
	things, secrets := printable(t)
	for name, v := range things {
		for _, flag := range []string{"", "+", "#", " ", "0", "-", "30", ".5", "+#"} {
			for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
				format := "%" + flag + string(verb)
				checkHidden(t, secrets, name+" with "+format, fmt.Sprintf(format, v))
			}
		}
		checkHidden(t, secrets, name+" printed", fmt.Sprintln(v)+fmt.Sprint(v))
		encoded, err := json.Marshal(v)
		checkHidden(t, secrets, name+" as JSON", string(encoded)+fmt.Sprint(err))
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v)
		checkHidden(t, secrets, name+" logged", log.String())
		checkHidden(t, secrets, name+" in go-cmp's report", report(v))
		func() {
			defer func() { checkHidden(t, secrets, name+" in a panic", fmt.Sprintf("%v %+v %#v", v, v, recover())) }()
			panic(v)
		}()
	}
	_, err := json.Marshal(things["created"])
	checkError(t, "Marshal() of a created token:", err, nil, "Reveal")
}

// report returns what a failing test prints about v. go-cmp panics on unexported fields,
// and the test then prints the panic.
func report(v any) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	return cmp.Diff(v, "something else")
}

func FuzzFormat(f *testing.F) {
	things, secrets := printable(f)
	for _, format := range []string{"%v", "%+v", "%#v", "%s %d", "%x", "%[1]*v", "%!", "%08.3q", "%[2]v"} {
		f.Add(format)
	}
	f.Fuzz(func(t *testing.T, format string) {
		for name, v := range things {
			checkHidden(t, secrets, name, fmt.Sprintf(format, v, v))
		}
	})
}

func TestLogs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			return slog.Attr{}
		case "duration", "wait":
			return slog.Bool(a.Key, a.Value.Duration() >= 0)
		}
		return a
	}})
	api := sequence(
		reply(http.StatusTooManyRequests, apiError("971", leak)),
		fail(errReset),
		succeed("listTokens"),
		reply(http.StatusForbidden, apiError("9109", leak)),
		succeed("rollToken"),
	)
	client := newClient(t, api, cftokens.WithLogger(slog.New(handler)), cftokens.WithRetryPolicy(retries(2)))
	if _, err := client.List(t.Context(), cftokens.ListOptions{Page: 77}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), tokenID); err == nil {
		t.Fatal("Get() error = nil, want one")
	}
	if _, err := client.Roll(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	const ray = `,"ray_id":"` + rayID + `"`
	list := `"operation":"listTokens","method":"GET","path":"/user/tokens",`
	want := []string{
		`{"level":"WARN","msg":"request failed, retrying",` + list + `"attempt":1,"duration":true,"status":429` + ray + `,"error":"HTTP 429, codes [971]","wait":true}`,
		`{"level":"WARN","msg":"request failed, retrying",` + list + `"attempt":2,"duration":true,"error":"connection lost","wait":true}`,
		`{"level":"DEBUG","msg":"request succeeded",` + list + `"attempt":3,"duration":true,"status":200` + ray + `}`,
		`{"level":"WARN","msg":"request failed","operation":"getToken","method":"GET","path":"/user/tokens/{token_id}","attempt":1,"duration":true,"status":403` + ray + `,"error":"HTTP 403, codes [9109]"}`,
		`{"level":"DEBUG","msg":"request succeeded","operation":"rollToken","method":"PUT","path":"/user/tokens/{token_id}/value","attempt":1,"duration":true,"status":200` + ray + `}`,
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(log.String()), "\n")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestLogs_Level(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})
	client := newClient(t, respond(http.StatusNotFound, ""), cftokens.WithLogger(slog.New(handler)))
	if _, err := client.Get(t.Context(), tokenID); err == nil {
		t.Error("Get() error = nil, want one")
	}
	if log.Len() != 0 {
		t.Errorf("log = %q, want none below the level Error", log.String())
	}
}

// TestErrors_TransportURL checks that errors lack the URL with its query, which net/http
// includes in its own.
func TestErrors_TransportURL(t *testing.T) {
	t.Parallel()
	api := sequence(fail(io.ErrUnexpectedEOF))
	_, err := newClient(t, api).ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: leak})
	checkError(t, "ListPermissionGroups()", err, io.ErrUnexpectedEOF, "")
	checkNoLeak(t, "ListPermissionGroups()", err, leak)
}
