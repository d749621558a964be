package cftokens_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestNewClient_Invalid(t *testing.T) {
	t.Parallel()
	const token = "token"
	for _, tt := range []struct {
		name  string
		token string
		opt   cftokens.Option
		want  string // in the error
	}{
		{name: "empty token", token: "", want: "token is empty"},
		{name: "white space for a token", token: " \n\t", want: "token is empty"},
		{name: "control character in the token", token: "hush-\x01-hush", want: "token must not contain control characters"},
		{name: "line break in the token", token: "hush\r\nhush", want: "token must not contain control characters"},
		{name: "nil option", token: token, want: "option must not be nil"},
		{name: "nil HTTP client", token: token, opt: cftokens.WithHTTPClient(nil), want: "HTTP client must not be nil"},
		{name: "http to another host", token: token, opt: cftokens.WithBaseURL("http://api.cloudflare.com/"), want: "base URL must be https"},
		{name: "http to a host that looks like loopback", token: token, opt: cftokens.WithBaseURL("http://localhost.example.com"), want: "base URL must be https"},
		{name: "http to an IPv4 address", token: token, opt: cftokens.WithBaseURL("http://192.0.2.1:8080/"), want: "base URL must be https"},
		{name: "http to an IPv6 address", token: token, opt: cftokens.WithBaseURL("http://[2001:db8::1]/"), want: "base URL must be https"},
		{name: "http to any address", token: token, opt: cftokens.WithBaseURL("http://0.0.0.0/"), want: "base URL must be https"},
		{name: "another scheme", token: token, opt: cftokens.WithBaseURL("ftp://localhost/"), want: "base URL must be https"},
		{name: "no host", token: token, opt: cftokens.WithBaseURL("https:///client/v4"), want: "base URL has no host; write it like https://api.cloudflare.com/client/v4"},
		{name: "empty base URL", token: token, opt: cftokens.WithBaseURL(""), want: "base URL is empty; leave WithBaseURL out, or check that the variable it comes from is set"},
		{name: "blank base URL", token: token, opt: cftokens.WithBaseURL(" \n"), want: "base URL is empty"},
		{name: "base URL without a scheme", token: token, opt: cftokens.WithBaseURL("api.cloudflare.com/client/v4"), want: "base URL has no host; write it like"},
		{name: "base URL with a password", token: token, opt: cftokens.WithBaseURL("https://u:hush@example.com/"), want: "base URL must not contain credentials"},
		{name: "unparsable base URL with a password", token: token, opt: cftokens.WithBaseURL("https://u:hush@exa mple:x/%zz"), want: "base URL cannot be parsed"},
		{name: "base URL with a query", token: token, opt: cftokens.WithBaseURL("https://example.com/?a=hush"), want: "base URL must not contain a query"},
		{name: "base URL with a fragment", token: token, opt: cftokens.WithBaseURL("https://example.com/#hush"), want: "base URL must not contain a query"},
		{name: "empty user agent", token: token, opt: cftokens.WithUserAgent(""), want: "user agent must be"},
		{name: "line break in the user agent", token: token, opt: cftokens.WithUserAgent("a\nhush"), want: "user agent must be"},
		{name: "negative retries", token: token, opt: cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: -1}), want: "retry policy"},
		{name: "delays the wrong way round", token: token, opt: cftokens.WithRetryPolicy(cftokens.RetryPolicy{BaseDelay: 2, MaxDelay: 1}), want: "retry policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []cftokens.Option
			if tt.opt != nil || tt.name == "nil option" {
				opts = append(opts, tt.opt)
			}
			client, err := cftokens.NewClient(tt.token, opts...)
			if client != nil || !errors.Is(err, cftokens.ErrInvalidArgument) {
				t.Fatalf("got %v, %v; want an error that matches ErrInvalidArgument", client, err)
			}
			if !strings.HasPrefix(err.Error(), "cftokens: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q lacks %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("error %q quotes the value", err)
			}
		})
	}
}

func TestClient_RequestHeaders(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success(tokenJSON))
	client, err := cftokens.NewClient("  "+credential+"\n",
		cftokens.WithHTTPClient(&http.Client{Transport: api}),
		cftokens.WithBaseURL("https://example.com/client/v4/"),
		cftokens.WithUserAgent("rotator/1.2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	req := api.requests[0]
	want := http.Header{
		"Authorization": {"Bearer " + credential},
		"User-Agent":    {"rotator/1.2 cftokens-go/0.1.0"},
	}
	if diff := cmp.Diff(want, req.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if got, want := req.URL.String(), "https://example.com/client/v4/user/tokens/"+tokenID; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestWithBaseURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, base, id, want string }{
		{name: "default", base: cftokens.DefaultBaseURL, id: "a", want: "https://api.cloudflare.com/client/v4/user/tokens/a"},
		{name: "no path", base: "https://example.com", id: "a", want: "https://example.com/user/tokens/a"},
		{name: "slashes at the end", base: "https://example.com:8443/v4//", id: "a", want: "https://example.com:8443/v4/user/tokens/a"},
		{name: "empty segment", base: "https://example.com//v4", id: "a", want: "https://example.com//v4/user/tokens/a"},
		{name: "escaped path", base: "https://example.com/a%2Fb/", id: "a", want: "https://example.com/a%2Fb/user/tokens/a"},
		{name: "escaped slash at the end", base: "https://example.com/a%2F/", id: "a", want: "https://example.com/a%2F/user/tokens/a"},
		{name: "dot segments", base: "https://example.com/a/../v4/./", id: "a", want: "https://example.com/v4/user/tokens/a"},
		{name: "escaped id", base: "https://example.com/v4", id: "a/b", want: "https://example.com/v4/user/tokens/a%2Fb"},
		{name: "localhost", base: "http://localhost:8080/v4", id: "a", want: "http://localhost:8080/v4/user/tokens/a"},
		{name: "IPv4 loopback", base: "http://127.9.9.9", id: "a", want: "http://127.9.9.9/user/tokens/a"},
		{name: "loopback", base: "http://[::1]:8080", id: "a", want: "http://[::1]:8080/user/tokens/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusOK, success(tokenJSON))
			resp, err := newClient(t, api, cftokens.WithBaseURL(tt.base)).Generated().GetToken(t.Context(), tt.id)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			req := api.requests[0]
			if got := req.URL.String(); got != tt.want || req.Host != req.URL.Host {
				t.Errorf("URL %s, host %s; want %s", got, req.Host, tt.want)
			}
		})
	}
}

func TestNewClient_DefaultBaseURL(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success(tokenJSON))
	if _, err := newClient(t, api).Get(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	if got, want := api.requests[0].URL.String(), cftokens.DefaultBaseURL+"/user/tokens/"+tokenID; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestNewClientFromEnv(t *testing.T) {
	api := respond(http.StatusOK, success(tokenJSON))
	transport := cftokens.WithHTTPClient(&http.Client{Transport: api})
	t.Setenv("CLOUDFLARE_BASE_URL", "")
	for _, tt := range []struct{ value, want string }{
		{"", "environment variable CLOUDFLARE_API_TOKEN is not set, or is empty"},
		{" \t\n", "environment variable CLOUDFLARE_API_TOKEN is blank"},
	} {
		t.Setenv("CLOUDFLARE_API_TOKEN", tt.value)
		_, err := cftokens.NewClientFromEnv(transport)
		if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("NewClientFromEnv() with the token %q: error = %v, want %q", tt.value, err, tt.want)
		}
	}

	t.Setenv("CLOUDFLARE_API_TOKEN", credential)
	for _, tt := range []struct {
		name, base string
		opts       []cftokens.Option
		want       string
	}{
		{name: "default", want: "api.cloudflare.com"},
		{name: "from the environment", base: "https://env.example/v4", want: "env.example"},
		{name: "option wins", base: "https://env.example/v4", opts: []cftokens.Option{cftokens.WithBaseURL("https://opt.example")}, want: "opt.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CLOUDFLARE_BASE_URL", tt.base)
			client, err := cftokens.NewClientFromEnv(append(tt.opts, transport)...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Get(t.Context(), tokenID); err != nil {
				t.Fatal(err)
			}
			req := api.requests[len(api.requests)-1]
			if req.URL.Host != tt.want || req.Header.Get("Authorization") != "Bearer "+credential {
				t.Errorf("request to %s with %q", req.URL.Host, req.Header.Get("Authorization"))
			}
		})
	}
}

func TestWithHTTPClient_Copied(t *testing.T) {
	t.Parallel()
	mine := &http.Client{Transport: respond(http.StatusOK, success(tokenJSON))}
	client, err := cftokens.NewClient(credential, cftokens.WithHTTPClient(mine))
	if err != nil {
		t.Fatal(err)
	}
	if mine.CheckRedirect != nil {
		t.Error("NewClient set CheckRedirect of the caller's client")
	}
	mine.Transport = nil
	if _, err := client.Get(t.Context(), tokenID); err != nil {
		t.Errorf("a change of the caller's client reached the copy: %v", err)
	}
}

// TestRedirects uses a real server and client, because net/http decides what to do.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for status := 300; status <= 308; status++ {
		for operation, call := range everyCall {
			t.Run(fmt.Sprintf("%d/%s", status, operation), func(t *testing.T) {
				t.Parallel()
				var requests []string
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests = append(requests, r.Method+" "+r.URL.Path)
					if strings.HasPrefix(r.URL.Path, "/moved") {
						_, _ = io.WriteString(w, success(tokenJSON))
						return
					}
					http.Redirect(w, r, "/moved?"+leak, status)
				}))
				defer server.Close()
				mine := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
					t.Error("CheckRedirect was called")
					return nil
				}}
				client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(server.URL), cftokens.WithHTTPClient(mine))
				if err != nil {
					t.Fatal(err)
				}
				err = call(t, client)
				var apiErr *cftokens.APIError
				if !errors.As(err, &apiErr) || apiErr.StatusCode != status || apiErr.RedirectHost != strings.TrimPrefix(server.URL, "http://") {
					t.Fatalf("error = %v, want an *APIError that names the host", err)
				}
				if strings.Contains(err.Error(), leak) {
					t.Errorf("error = %v, which shows the query", err)
				}
				wantUnknown := changes(operation) && status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect
				if errors.Is(err, cftokens.ErrOutcomeUnknown) != wantUnknown {
					t.Errorf("error = %v, matches ErrOutcomeUnknown: want %v", err, wantUnknown)
				}
				if len(requests) != 1 {
					t.Errorf("requests %q, want one", requests)
				}
			})
		}
	}
}

func TestRedirects_Location(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, location, want, host string }{
		{name: "another host", location: "https://other.example:8443/x?" + leak, want: "redirect to other.example:8443 not followed", host: "other.example:8443"},
		{name: "none", want: "HTTP 302 Found"},
		{name: "malformed", location: "https://other.example/%zz?" + leak + credential, want: "redirect with a malformed Location header"},
		{name: "credential as host", location: "https://" + credential + "/", want: "redirect to [redacted]", host: "[redacted]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusFound, "")
			if tt.location != "" {
				api = respond(http.StatusFound, "", "Location", tt.location)
			}
			err := newClient(t, api).Delete(t.Context(), tokenID)
			if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Delete() error = %v, want ErrOutcomeUnknown and %q", err, tt.want)
			}
			if strings.Contains(err.Error(), leak) || strings.Contains(err.Error(), credential) {
				t.Errorf("Delete() error = %v, which shows a secret", err)
			}
			var apiErr *cftokens.APIError
			if errors.As(err, &apiErr) && apiErr.RedirectHost != tt.host {
				t.Errorf("RedirectHost = %q, want %q", apiErr.RedirectHost, tt.host)
			}
		})
	}
}
