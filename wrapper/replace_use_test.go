package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestReplace_Use checks every way in which use can end.
func TestReplace_Use(t *testing.T) {
	t.Parallel()
	errUse := errors.New("disk full")
	for _, tt := range []struct {
		name string
		use  func(ctx context.Context, cancel func(), created *cftokens.CreatedToken) error
		is   error
	}{
		{"nil", func(context.Context, func(), *cftokens.CreatedToken) error { return nil }, nil},
		{"error", func(context.Context, func(), *cftokens.CreatedToken) error { return errUse }, errUse},
		{"canceled", func(ctx context.Context, cancel func(), _ *cftokens.CreatedToken) error {
			cancel()
			return ctx.Err()
		}, context.Canceled},
		{"canceled, nil", func(_ context.Context, cancel func(), _ *cftokens.CreatedToken) error {
			cancel()
			return nil
		}, nil},
		{"changed ID", func(_ context.Context, _ func(), created *cftokens.CreatedToken) error {
			created.ID = ""
			return errUse
		}, errUse},
		{"error with the value", func(_ context.Context, _ func(), created *cftokens.CreatedToken) error {
			return fmt.Errorf("vault put %s: %w", created.Value.Reveal(), errUse)
		}, errUse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRotation(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var given secret.Value
				err := r.replace(ctx, t, func(ctx context.Context, created *cftokens.CreatedToken) error {
					given = created.Value
					return tt.use(ctx, cancel, created)
				})
				if !errors.Is(err, tt.is) {
					t.Errorf("Replace() error = %v, want %v", err, tt.is)
				}
				if err != nil {
					checkError(t, "Replace()", err, nil, " was deleted")
					checkNoLeak(t, "Replace()", err, given.Reveal())
				}
			})
		})
	}
}

// TestReplace_Panic checks that the new token is deleted if use does not return.
func TestReplace_Panic(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(){"panic": func() { panic("mine") }, "Goexit": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			r := newRotation(t)
			done := make(chan any)
			go func() {
				defer func() { done <- recover() }()
				_, _ = r.client.Replace(t.Context(), r.old, nil, func(context.Context, *cftokens.CreatedToken) error {
					leave()
					return nil
				})
			}()
			if got := <-done; name == "panic" && got != "mine" {
				t.Errorf("%s: Replace() panicked with %v, want that of use", name, got)
			}
			if tokens := r.server.Tokens(); len(tokens) != 1 || tokens[0].ID != r.old {
				t.Errorf("%s: %d tokens exist, want only the old one", name, len(tokens))
			}
		})
	}
}

// TestReplace_AlreadyDeleted checks that a token that no longer exists needs no cleanup.
func TestReplace_AlreadyDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRotation(t)
		err := r.replace(t.Context(), t, func(ctx context.Context, _ *cftokens.CreatedToken) error { return r.client.Delete(ctx, r.old) })
		if err != nil {
			t.Errorf("old token: Replace() error = %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRotation(t)
		errUse := errors.New("disk full")
		err := r.replace(t.Context(), t, func(ctx context.Context, created *cftokens.CreatedToken) error {
			return errors.Join(errUse, r.client.Delete(ctx, created.ID))
		})
		checkError(t, "new token: Replace()", err, errUse, "")
		if errors.Is(err, cftokens.ErrNotFound) {
			t.Errorf("new token: Replace() error = %v, want it not to match ErrNotFound", err)
		}
		if want := " was deleted"; err != nil && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("new token: Replace() error = %v, want it to end in %q", err, want)
		}
	})
}

// TestReplace_UseShowsCredential checks that the client's credential is redacted from the
// error of use; replace checks that the new value is.
func TestReplace_UseShowsCredential(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRotation(t)
		err := r.replace(t.Context(), t, func(context.Context, *cftokens.CreatedToken) error {
			return errors.New("used " + r.server.Token)
		})
		if err == nil || !strings.Contains(err.Error(), "used [redacted]") {
			t.Errorf("Replace() error = %v, want that of use without the credential", err)
		}
	})
}
