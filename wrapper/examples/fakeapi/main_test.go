package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// get checks that a GET of url with a token succeeds.
func get(t *testing.T, url, token string) {
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
	if resp.StatusCode != http.StatusOK {
		t.Errorf("GET %s = %s, want 200 OK", url, resp.Status)
	}
}

func TestRun_ContextCanceled(t *testing.T) {
	t.Parallel()
	const base, account = `^export CLOUDFLARE_BASE_URL=http://127\.0\.0\.1:\d+/client/v4$`, `^export CLOUDFLARE_ACCOUNT_ID=[0-9a-f]{32}$`
	for _, tt := range []struct {
		name, token string
		lines       []string
	}{
		{"token generated", "", []string{base, `^export CLOUDFLARE_API_TOKEN=FAKE-\S{35}$`, account}},
		{"token given", "mine", []string{base, account}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, w := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				err := run(ctx, []string{"-token", tt.token}, w, io.Discard)
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
			cancel()
			if out.Scan() {
				t.Errorf("run() printed %q, want no more lines", out.Text())
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("run() error = %v, want context.Canceled", err)
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
