package cftokens_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestDecodeError_Times checks that the error of a malformed time does not quote it.
func TestDecodeError_Times(t *testing.T) {
	t.Parallel()
	for _, property := range []string{"expires_on", "not_before", "issued_on", "modified_on", "last_used_on"} {
		for _, value := range []string{leak, credential, "2026-01-01T00:00:00Z" + leak, leak + "2026-01-01T00:00:00Z", "2026-13-01T00:00:00" + leak} {
			token := `{"id":"a","status":"active","value":"` + tokenValue + `","` + property + `":"` + value + `"}`
			calls := map[string]error{}
			calls["Edit"] = func() error {
				_, err := newClient(t, editable(token)).Edit(t.Context(), tokenID, keep)
				return err
			}()
			for operation, call := range everyCall {
				result := token
				if strings.HasPrefix(operation, "list") {
					result = "[" + token + "]"
				}
				calls[operation] = call(t, newClient(t, respond(http.StatusOK, success(result))))
			}
			for name, err := range calls {
				text := fmt.Sprint(err)
				if strings.Contains(text, leak) || strings.Contains(text, credential) || strings.Contains(text, tokenValue) {
					t.Errorf("%s with %s %q: error = %v, which quotes it", name, property, value, err)
				}
			}
			var decodeErr *cftokens.DecodeError
			if err := calls["getToken"]; !errors.As(err, &decodeErr) || !strings.Contains(err.Error(), "a time is not in the format of RFC 3339") {
				t.Errorf("%s %q: Get() error = %v, want a *DecodeError about a time", property, value, err)
			}
		}
	}
}

// TestErrors_Credential checks that no part of a response or of a transport's error
// brings the credential into an error or a log.
func TestErrors_Credential(t *testing.T) {
	t.Parallel()
	lostErr := fmt.Errorf("malformed HTTP response %q", "echo: "+credential)
	for name, r := range map[string]responder{
		"Cf-Ray, 404":             reply(http.StatusNotFound, apiError("1003", "no"), "Cf-Ray", credential),
		"Cf-Ray, 200":             reply(http.StatusOK, `{`, "Cf-Ray", "a"+credential+"b"),
		"Cf-Ray, 503":             reply(http.StatusServiceUnavailable, "", "Cf-Ray", credential),
		"Location":                reply(http.StatusFound, "", "Location", "https://"+credential+".example/"+credential+"?"+credential),
		"malformed Location":      reply(http.StatusFound, "", "Location", "https://x/%zz"+credential),
		"unusable Location":       reply(http.StatusFound, "", "Location", "://"+credential),
		"error":                   reply(http.StatusBadRequest, apiError("1", credential)),
		"error of another form":   reply(http.StatusBadRequest, `{"errors":[["`+credential+`"]]}`),
		"error of odd properties": reply(http.StatusBadRequest, `{"errors":[{"code":"`+credential+`"}]}`),
		"documentation URL":       reply(http.StatusBadRequest, `{"errors":[{"code":1,"message":"m","documentation_url":"`+credential+`","source":{"pointer":"`+credential+`"}}]}`),
		"chain":                   reply(http.StatusBadRequest, `{"errors":[{"code":1,"error_chain":[{"code":2,"message":"`+credential+`"}]}]}`),
		"messages":                reply(http.StatusBadRequest, `{"errors":[],"messages":["`+credential+`"]}`),
		"page":                    reply(http.StatusBadGateway, "<html>"+credential),
		"twice in a page":         reply(http.StatusBadGateway, credential+"<html>"+credential),
		"JSON string":             reply(http.StatusBadGateway, `"`+credential+`"`),
		"transport":               fail(lostErr),
		"body that is lost":       lostWith(lostErr),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			client := newClient(t, &fakeTransport{handle: func(int, *http.Request) (*http.Response, error) { return r() }},
				cftokens.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))), cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))
			for operation, call := range everyCall {
				err := call(t, client)
				if err == nil {
					t.Errorf("%s: no error", operation)
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					var apiErr *cftokens.APIError
					text := e.Error()
					if errors.As(e, &apiErr) {
						text += fmt.Sprintf("%+v", *apiErr)
					}
					if strings.Contains(text, credential) {
						t.Errorf("%s: error = %s, which shows the credential", operation, text)
					}
				}
			}
			if log.Len() == 0 || strings.Contains(log.String(), credential) {
				t.Errorf("log %q, which is empty or shows the credential", log.String())
			}
		})
	}
}

// lostWith is a body that ends in err.
func lostWith(err error) responder {
	return func() (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body = failingBody{err}
		resp.ContentLength = -1
		return resp, nil
	}
}

type failingBody struct{ err error }

func (b failingBody) Read([]byte) (int, error) { return 0, b.err }
func (b failingBody) Close() error             { return nil }

// TestExcerpt_Credential checks that the credential is redacted before the excerpt is
// cut, wherever in the body it is.
func TestExcerpt_Credential(t *testing.T) {
	t.Parallel()
	for before := 512 - 2*len(credential); before <= 520; before++ {
		body := strings.Repeat("a", before) + credential + " " + credential + strings.Repeat("b", 512)
		_, err := newClient(t, respond(http.StatusBadGateway, body)).Get(t.Context(), tokenID)
		var apiErr *cftokens.APIError
		if !errors.As(err, &apiErr) || len(apiErr.Excerpt) > 512 {
			t.Fatalf("Get() error = %v, want an *APIError with an excerpt of at most 512 bytes", err)
		}
		if strings.Contains(err.Error(), credential[:6]) {
			t.Fatalf("credential from byte %d on: error = %v, which shows a part of it", before, err)
		}
	}
}

// TestLogs_Page checks that the page of a proxy is not logged.
func TestLogs_Page(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, status := range []int{http.StatusOK, http.StatusFound, http.StatusForbidden, http.StatusBadGateway} {
		client := newClient(t, respond(status, "<html>"+leak, "Location", "/?"+leak), cftokens.WithLogger(logger))
		if _, err := client.Get(t.Context(), tokenID); err == nil {
			t.Errorf("status %d: no error", status)
		}
	}
	if strings.Count(log.String(), "\n") != 4 || strings.Contains(log.String(), leak) {
		t.Errorf("log %s, want 4 lines without the pages", log.String())
	}
}

// TestErrors_CredentialInChain checks that an error that was redacted does not give out
// what it wraps, and still matches it.
func TestErrors_CredentialInChain(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf("proxy said %s: %w", credential, io.ErrUnexpectedEOF)
	_, err := newClient(t, sequence(fail(cause))).Create(t.Context(), tokenCreate())
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, cftokens.ErrOutcomeUnknown) {
		t.Errorf("Create() error = %v, want it to match its causes", err)
	}
	var walk func(error)
	walk = func(err error) {
		if strings.Contains(err.Error(), credential) {
			t.Errorf("the chain contains %v", err)
		}
		if one := errors.Unwrap(err); one != nil {
			walk(one)
		}
		if many, ok := any(err).(interface{ Unwrap() []error }); ok {
			for _, err := range many.Unwrap() {
				walk(err)
			}
		}
	}
	walk(err)
}

// TestExcerpt_CredentialAtTheLimit cuts a credential by the limit of what is read.
func TestExcerpt_CredentialAtTheLimit(t *testing.T) {
	t.Parallel()
	for n := range len(credential) {
		body := "x" + strings.Repeat(" ", 64<<10-1-n) + credential
		_, err := newClient(t, respond(http.StatusBadRequest, body)).Get(t.Context(), tokenID)
		if err == nil || strings.Contains(err.Error(), credential[:4]) {
			t.Fatalf("with %d bytes of the credential read: error = %v", n, err)
		}
	}
}
