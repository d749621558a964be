package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// behind starts a proxy in front of the fake that modifies the response to each roll.
func behind(t *testing.T, fake *cftokenstest.Server, change func(body string) string) {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		fake.ServeHTTP(recorder, r)
		body := recorder.Body.String()
		if strings.HasSuffix(r.URL.Path, "/value") {
			body = change(body)
		}
		w.WriteHeader(recorder.Code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(front.Close)
	t.Setenv("CLOUDFLARE_BASE_URL", front.URL+"/client/v4")
}

// TestRotate_InPlaceValueWithError checks that a value that is returned with an error is
// handed over if and only if it works, because the old one no longer does.
func TestRotate_InPlaceValueWithError(t *testing.T) {
	server, id := start(t)
	for _, works := range []bool{true, false} {
		behind(t, server, func(body string) string {
			body = strings.Replace(body, `"success":true`, `"success":7`, 1)
			if !works {
				now, _ := server.Value(id)
				body = strings.Replace(body, now.Reveal(), strings.Repeat("x", 40), 1)
			}
			return body
		})
		file := filepath.Join(t.TempDir(), "value")
		err := run(t.Context(), []string{"-in-place", "-id", id, "-patience", "50ms", "--", "tee", file}, io.Discard, io.Discard)
		handed, _ := os.ReadFile(file)
		now, _ := server.Value(id)
		if works {
			if err != nil {
				t.Errorf("value that works: run() error = %v", err)
			}
			if string(handed) != now.Reveal() {
				t.Errorf("value that works: the command got %q, want the new value", handed)
			}
			continue
		}
		for _, want := range []string{"rollToken: ", "run again"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("value that does not work: run() error = %v, want it to contain %q", err, want)
			}
		}
		if len(handed) > 0 {
			t.Errorf("value that does not work: the command got %q, want nothing", handed)
		}
	}
}

// TestRotate_InPlaceInterrupted checks that the command gets the new value even if an
// interrupt arrives after the roll began, because the old value no longer works.
func TestRotate_InPlaceInterrupted(t *testing.T) {
	server, id := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	behind(t, server, func(body string) string {
		cancel()
		return body
	})
	file := filepath.Join(t.TempDir(), "value")
	err := run(ctx, []string{"-in-place", "-id", id, "--", "tee", file}, io.Discard, io.Discard)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "was rolled and handed over") {
		t.Errorf("run() error = %v, want context.Canceled, and that the value was handed over", err)
	}
	handed, _ := os.ReadFile(file)
	if now, _ := server.Value(id); string(handed) != now.Reveal() {
		t.Error("the new value was not handed over")
	}
}
