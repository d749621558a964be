package main

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// get checks that a GET of url with a token succeeds.
func get(t *testing.T, url, token string) {
	t.Helper()
	if got := status(t, url, token); got != http.StatusOK {
		t.Errorf("GET %s = %d, want 200", url, got)
	}
}

func status(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestRun_ContextCanceled(t *testing.T) {
	t.Parallel()
	const base, account = `^export CLOUDFLARE_BASE_URL=http://127\.0\.0\.1:\d+/client/v4$`, `^export CLOUDFLARE_ACCOUNT_ID=`
	for _, tt := range []struct {
		name, token string
		args, lines []string
	}{
		{"token generated", "", nil, []string{base, `^export CLOUDFLARE_API_TOKEN=FAKE-\S{35}$`, account + "eb78d65290b24279ba6f44721b3ea3c4$"}},
		{"token given", "mine", nil, []string{base, account}},
		{"account given", "mine", []string{"-account", "00112233445566778899aabbccddeeff"}, []string{base, account + "00112233445566778899aabbccddeeff$"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, w := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				err := run(ctx, append(tt.args, "-token", tt.token), w, io.Discard)
				_ = w.Close()
				ended <- err
			}()
			out := bufio.NewScanner(r)
			env := map[string]string{}
			for _, want := range tt.lines {
				if !out.Scan() || !regexp.MustCompile(want).MatchString(out.Text()) {
					t.Fatalf("run() printed %q, want %s", out.Text(), want)
				}
				name, value, _ := strings.Cut(strings.TrimPrefix(out.Text(), "export "), "=")
				env[name] = value
			}
			token := cmp.Or(tt.token, env["CLOUDFLARE_API_TOKEN"])
			get(t, env["CLOUDFLARE_BASE_URL"]+"/user/tokens/verify", token)
			get(t, env["CLOUDFLARE_BASE_URL"]+"/accounts/"+env["CLOUDFLARE_ACCOUNT_ID"]+"/tokens", token)
			get(t, env["CLOUDFLARE_BASE_URL"]+"/user/tokens/ed17574386854bf78a67040be0a770b0", token)
			cancel()
			if out.Scan() {
				t.Errorf("run() printed %q, want no more lines", out.Text())
			}
			if err := <-ended; err != nil {
				t.Errorf("run() error = %v, want none after an interrupt", err)
			}
		})
	}
}

func TestRun_InvalidArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"argument", []string{"x"}, `unexpected argument "x"`},
		{"flag", []string{"-x"}, "flag provided but not defined"},
		{"account", []string{"-account", "example.com"}, "must be 32 hexadecimal digits; see -h"},
		{"fault", []string{"-fault", "9"}, "want a status from 200 to 599"},
		{"operation of a fault", []string{"-fault", "create:429"}, `unknown operation "create"; want one of createAccountToken, `},
		{"times of a fault", []string{"-fault", "429*x"}, `"x" is not a number of times`},
		{"address", []string{"-addr", "127.0.0.1:-1"}, "invalid port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("run() error = %v, want it to contain %q", err, tt.want)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]cftokenstest.Fault{
		"503":                  {Status: 503},
		"createToken:403*2":    {Operation: "createToken", Status: 403, Times: 2},
		"429":                  cftokenstest.RateLimited(time.Second),
		"verifyToken:2s":       {Operation: "verifyToken", Delay: 2 * time.Second},
		"drop-before":          {DropBefore: true},
		"rollToken:drop-after": {Operation: "rollToken", DropAfter: true},
		"limit":                cftokenstest.TokenLimitReached(),
	} {
		var got faults
		if err := got.Set(text); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("-fault %s = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

// TestRun_Fault checks that a fault applies to a request.
func TestRun_Fault(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	go func() { _ = run(t.Context(), []string{"-fault", "listTokens:418", "-token", "mine"}, w, io.Discard) }()
	out := bufio.NewScanner(r)
	out.Scan()
	go func() { _, _ = io.Copy(io.Discard, r) }()
	url := strings.TrimPrefix(out.Text(), "export CLOUDFLARE_BASE_URL=") + "/user/tokens"
	for _, want := range []int{418, 200} {
		if got := status(t, url, "mine"); got != want {
			t.Errorf("GET %s = %d, want %d", url, got, want)
		}
	}
}
