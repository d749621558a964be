package cftokens_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestDecodeError_Times checks that the error about a malformed time does not quote it.
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
				checkNoLeak(t, name+" with "+property, err, leak, credential, tokenValue)
			}
			call := "getToken with " + property
			_ = asError[*cftokens.DecodeError](t, call, calls["getToken"])
			checkError(t, call, calls["getToken"], nil, "a time is not in the format of RFC 3339")
		}
	}
}

// TestErrors_Credential checks that the credential is redacted from errors and logs,
// wherever a response or a transport's error contains it.
func TestErrors_Credential(t *testing.T) {
	t.Parallel()
	lostErr := fmt.Errorf("malformed HTTP response %q", "echo: "+credential)
	for name, r := range map[string]responder{
		"Cf-Ray, 404":               reply(http.StatusNotFound, apiError("1003", "no"), "Cf-Ray", credential),
		"Cf-Ray, 200":               reply(http.StatusOK, `{`, "Cf-Ray", "a"+credential+"b"),
		"Cf-Ray, 503":               reply(http.StatusServiceUnavailable, "", "Cf-Ray", credential),
		"Location":                  reply(http.StatusFound, "", "Location", "https://"+credential+".example/"+credential+"?"+credential),
		"malformed Location":        reply(http.StatusFound, "", "Location", "https://x/%zz"+credential),
		"Location without a scheme": reply(http.StatusFound, "", "Location", "://"+credential),
		"error":                     reply(http.StatusBadRequest, apiError("1", credential)),
		"error of another form":     reply(http.StatusBadRequest, `{"errors":[["`+credential+`"]]}`),
		"error of odd properties":   reply(http.StatusBadRequest, `{"errors":[{"code":"`+credential+`"}]}`),
		"documentation URL":         reply(http.StatusBadRequest, `{"errors":[{"code":1,"message":"m","documentation_url":"`+credential+`","source":{"pointer":"`+credential+`"}}]}`),
		"chain":                     reply(http.StatusBadRequest, `{"errors":[{"code":1,"error_chain":[{"code":2,"message":"`+credential+`"}]}]}`),
		"messages":                  reply(http.StatusBadRequest, `{"errors":[],"messages":["`+credential+`"]}`),
		"page":                      reply(http.StatusBadGateway, "<html>"+credential),
		"twice in a page":           reply(http.StatusBadGateway, credential+"<html>"+credential),
		"JSON string":               reply(http.StatusBadGateway, `"`+credential+`"`),
		"transport":                 fail(lostErr),
		"truncated body":            truncatedWith("", lostErr),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			client := newClient(t, repeated(1, r, r),
				cftokens.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))), cftokens.WithRetryPolicy(retries(1)))
			for operation, call := range everyCall {
				err := call(t, client)
				if err == nil {
					t.Errorf("%s error = nil, want one", operation)
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					text := e.Error()
					if apiErr, ok := errors.AsType[*cftokens.APIError](e); ok {
						text += fmt.Sprintf("%+v", *apiErr)
					}
					if strings.Contains(text, credential) {
						t.Errorf("%s error = %s, want it without the credential", operation, text)
					}
				}
			}
			if log.Len() == 0 || strings.Contains(log.String(), credential) {
				t.Errorf("log = %q, want entries without the credential", log.String())
			}
		})
	}
}

// TestExcerpt_Credential checks that the credential is redacted before the excerpt is
// truncated.
func TestExcerpt_Credential(t *testing.T) {
	t.Parallel()
	for before := 512 - 2*len(credential); before <= 520; before++ {
		body := strings.Repeat("a", before) + credential + " " + credential + strings.Repeat("b", 512)
		_, err := newClient(t, respond(http.StatusBadGateway, body)).Get(t.Context(), tokenID)
		call := fmt.Sprintf("credential at byte %d: Get()", before)
		if n := len(asError[*cftokens.APIError](t, call, err).Excerpt); n > 512 {
			t.Errorf("%s error has an excerpt of %d bytes, want at most 512", call, n)
		}
		checkNoLeak(t, call, err, credential[:6])
	}
}

// TestLogs_Page checks that the error page of a proxy is not logged.
func TestLogs_Page(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, status := range []int{http.StatusOK, http.StatusFound, http.StatusForbidden, http.StatusBadGateway} {
		client := newClient(t, respond(status, "<html>"+leak, "Location", "/?"+leak), cftokens.WithLogger(logger))
		if _, err := client.Get(t.Context(), tokenID); err == nil {
			t.Errorf("status %d: Get() error = nil, want one", status)
		}
	}
	if strings.Count(log.String(), "\n") != 4 || strings.Contains(log.String(), leak) {
		t.Errorf("log = %s, want 4 lines without the pages", log.String())
	}
}

// opaqueError does not show what it wraps.
type opaqueError struct{ error }

func (*opaqueError) Error() string   { return "upstream failed" }
func (e *opaqueError) Unwrap() error { return e.error }

// carrierError is an error of a caller's transport.
type carrierError struct{ error }

func (e *carrierError) Unwrap() error { return e.error }

// TestErrors_CredentialInChain checks that a redacted error matches what it wraps without
// exposing it.
func TestErrors_CredentialInChain(t *testing.T) {
	t.Parallel()
	cause := &carrierError{fmt.Errorf("proxy said %s: %w", credential, io.ErrUnexpectedEOF)}
	_, err := newClient(t, sequence(fail(cause))).Create(t.Context(), tokenCreate())
	checkError(t, "Create()", err, io.ErrUnexpectedEOF, "")
	checkUnknown(t, "Create()", err, true)
	var walk func(error)
	walk = func(err error) {
		checkNoLeak(t, "Create()", err, credential)
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
	if carrier := (*carrierError)(nil); errors.As(err, &carrier) {
		t.Errorf("errors.As() = %v, want no match", carrier)
	}
}

// TestExcerpt_CredentialAtTheLimit checks a credential that is cut off by the read limit.
func TestExcerpt_CredentialAtTheLimit(t *testing.T) {
	t.Parallel()
	for n := range len(credential) {
		body := "x" + strings.Repeat(" ", 64<<10-1-n) + credential
		_, err := newClient(t, respond(http.StatusBadRequest, body)).Get(t.Context(), tokenID)
		call := fmt.Sprintf("%d bytes of the credential read: Get()", n)
		checkError(t, call, err, cftokens.ErrBadRequest, "")
		checkNoLeak(t, call, err, credential[:4])
	}
}

// TestErrors_NestedURL checks that errors contain no query and no password, and logs no ID
// either, if a transport wraps the error of another client.
func TestErrors_NestedURL(t *testing.T) {
	t.Parallel()
	for _, wrap := range []func(*http.Request) error{
		func(req *http.Request) error {
			return fmt.Errorf("giving up: %w", &url.Error{Op: "Get", URL: req.URL.String(), Err: errReset})
		},
		func(req *http.Request) error {
			return &carrierError{fmt.Errorf("giving up: %w", &url.Error{Op: "Get", URL: req.URL.String(), Err: errReset})}
		},
		func(req *http.Request) error { return fmt.Errorf("get %q: %w", req.URL.RequestURI(), errReset) },
		func(req *http.Request) error { return fmt.Errorf("get %s: %w", req.URL.Path, errReset) },
		func(*http.Request) error {
			return fmt.Errorf("proxyconnect http://user:%s@proxy.example:3128/: %w", leak, errReset)
		},
		func(*http.Request) error { // which does not show what it wraps
			return &opaqueError{&url.Error{Op: "Get", URL: "https://user:" + leak + "@proxy.example/?" + leak, Err: errReset}}
		},
		func(*http.Request) error {
			_, err := url.Parse(strings.Join([]string{"http://user:", "/x@proxy.example:80/"}, leak))
			return errors.Join(err, errReset)
		},
		func(*http.Request) error {
			return fmt.Errorf("invalid proxy address %q: %w", "user:"+leak+" x@proxy.example", errReset)
		},
	} {
		api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) { return nil, wrap(req) }}
		var log bytes.Buffer
		client := newClient(t, api, cftokens.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
		_, listErr := client.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: leak})
		_, getErr := client.Get(t.Context(), tokenID)
		for call, err := range map[string]error{"ListPermissionGroups()": listErr, "Get()": getErr} {
			checkError(t, call, err, errReset, "")
			checkNoLeak(t, call, err, leak, "x@")
			if n := strings.Count(err.Error(), tokenID); n > 2 {
				t.Errorf("%s error = %v, contains the ID %d times, want no URL with it", call, err, n)
			}
			if urlErr := (*url.Error)(nil); errors.As(err, &urlErr) {
				t.Errorf("%s: errors.As() = %v, want no match", call, urlErr)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if text := fmt.Sprintf("%+v %#v", e, e); strings.Contains(text, leak) {
					t.Errorf("%s error wraps %s, want it without %s", call, text, leak)
				}
			}
		}
		checkNoLeak(t, "log", errors.New(log.String()), leak, tokenID, "proxy.example")
	}
}

// TestErrors_OtherCredential checks that another credential, which a transport sets, is
// redacted if a page echoes it.
func TestErrors_OtherCredential(t *testing.T) {
	t.Parallel()
	for header, value := range map[string]string{
		"Authorization": "Bearer " + leak, "X-Auth-Key": leak, "X-Vault-Token": leak, "Cookie": "CF_Authorization=" + leak + "; a=b",
	} {
		transport := roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set(header, value)
			resp := response(http.StatusForbidden, "<html>You sent "+leak, "Cf-Ray", leak)
			resp.Request = req
			return resp, nil
		})
		_, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: transport})).Get(t.Context(), tokenID)
		checkError(t, header+": Get()", err, cftokens.ErrForbidden, "You sent [redacted]")
		checkNoLeak(t, header+": Get()", err, leak)
	}
}

// TestErrors_SplitCredential checks a credential with zero-width characters in it.
func TestErrors_SplitCredential(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, respond(http.StatusBadGateway, "You sent "+credential[:9]+"\u200b"+credential[9:])).Get(t.Context(), tokenID)
	checkError(t, "Get()", err, cftokens.ErrServer, "You sent [redacted]")
}

// TestErrors_UserAgent checks that words of the User-Agent are not taken for credentials.
func TestErrors_UserAgent(t *testing.T) {
	t.Parallel()
	client := newClient(t, respond(http.StatusForbidden, apiError("1", "see developers.cloudflare.com")), cftokens.WithUserAgent("cloudflare"))
	checkError(t, "Delete()", client.Delete(t.Context(), tokenID), cftokens.ErrForbidden, "see developers.cloudflare.com")
}

// TestErrors_ShortCredential checks that a credential of a few characters is redacted only
// as a word.
func TestErrors_ShortCredential(t *testing.T) {
	t.Parallel()
	client, err := newClient(t, respond(http.StatusBadRequest, apiError("1", "the key is a key: a"))).WithToken("a")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(t.Context(), tokenID)
	checkError(t, "Get()", err, cftokens.ErrBadRequest, "Bad Request: the key is [redacted] key: [redacted] (1)")
}

// TestErrors_Length checks that errors are printable, on one line, and not long, whatever a
// server or a transport writes.
func TestErrors_Length(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a \x1b[31m\r\n\xff", 1<<18)
	entries := strings.Repeat(`{"code":1,"message":"`+strings.Repeat("a", 600)+`"},`, 100) // not over 64 KiB
	chain := strings.Repeat(`{"code":1,"error_chain":[`, 1600) + `{"code":3}` + strings.Repeat(`,{"code":2}]}`, 1600)
	for name, r := range map[string]responder{
		"chain":     reply(http.StatusBadRequest, `{"success":false,"errors":[`+chain+`]}`),
		"page":      reply(http.StatusBadGateway, long),
		"entries":   reply(http.StatusBadRequest, `{"success":false,"errors":[`+strings.TrimSuffix(entries, ",")+`]}`),
		"Ray ID":    reply(http.StatusBadRequest, "", "Cf-Ray", long),
		"transport": fail(errors.New(long)),
	} {
		for operation, call := range everyCall {
			err := call(t, newClient(t, repeated(1, r, r)))
			checkError(t, name+": "+operation, err, nil, "")
			if err == nil {
				continue
			}
			text := err.Error()
			if len(text) > 5<<10 {
				t.Errorf("%s: %s error has %d bytes, want at most 5 KiB", name, operation, len(text))
			}
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
				t.Errorf("%s: %s error = %q, want it to be printable", name, operation, text)
			}
		}
	}
}
