package cftokens_test

import (
	"errors"
	"fmt"
	"net/http"
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
		{name: "blank token", token: " \n\t", want: "token is empty"},
		{name: "control character in the token", token: leak + "\x01", want: "token must contain only letters, digits and -._~+/=: no quotes"},
		{name: "line break in the token", token: leak + "\r\n" + leak, want: "no quotes, braces, spaces or invisible characters"},
		{name: "space in the token", token: leak + " " + leak, want: "no quotes, braces, spaces or invisible characters"},
		{name: "zero-width space in the token", token: "\u200b" + leak, want: "no quotes, braces, spaces or invisible characters"},
		{name: "byte order mark in the token", token: "\ufeff" + leak, want: "no quotes, braces, spaces or invisible characters"},
		{name: "ellipsis in the token", token: leak + "…", want: "no quotes, braces, spaces or invisible characters"},
		{name: "invalid UTF-8 in the token", token: leak + "\xff", want: "no quotes, braces, spaces or invisible characters"},
		{name: "token in braces", token: "{" + leak + "}", want: "no quotes, braces"},
		{name: "token in quotes", token: `"` + leak + `"`, want: "no quotes"},
		{name: "token in single quotes", token: "'" + leak + "'", want: "no quotes"},
		{name: "token with its scheme", token: "bearer " + leak, want: `no "Bearer"`},
		{name: "quoted token with its scheme", token: `Bearer "` + leak + `"`, want: `no "Bearer"`},
		{name: "variable as the token", token: "${" + leak + "}", want: "no ${VARIABLE} that was not expanded"},
		{name: "nil option", token: token, want: "option must not be nil"},
		{name: "nil HTTP client", token: token, opt: cftokens.WithHTTPClient(nil), want: "HTTP client must not be nil"},
		{name: "http to another host", token: token, opt: cftokens.WithBaseURL("http://api.cloudflare.com/"), want: "base URL must be https"},
		{name: "http to a host that looks like loopback", token: token, opt: cftokens.WithBaseURL("http://localhost.example.com"), want: "base URL must be https"},
		{name: "http to an IPv4 address", token: token, opt: cftokens.WithBaseURL("http://192.0.2.1:8080/"), want: "base URL must be https"},
		{name: "http to an IPv6 address", token: token, opt: cftokens.WithBaseURL("http://[2001:db8::1]/"), want: "base URL must be https"},
		{name: "http to the unspecified address", token: token, opt: cftokens.WithBaseURL("http://0.0.0.0/"), want: "base URL must be https"},
		{name: "another scheme", token: token, opt: cftokens.WithBaseURL("ftp://localhost/"), want: "base URL must be https"},
		{name: "no host", token: token, opt: cftokens.WithBaseURL("https:///client/v4"), want: "base URL is empty or has no host; write it like https://api.cloudflare.com/client/v4"},
		{name: "empty base URL", token: token, opt: cftokens.WithBaseURL(""), want: "base URL is empty or has no host"},
		{name: "blank base URL", token: token, opt: cftokens.WithBaseURL(" \n"), want: "base URL is empty or has no host"},
		{name: "base URL without a scheme", token: token, opt: cftokens.WithBaseURL("api.cloudflare.com/client/v4"), want: "base URL is empty or has no host; write it like"},
		{name: "base URL with a password", token: token, opt: cftokens.WithBaseURL("https://u:" + leak + "@example.com/"), want: "base URL must not contain credentials"},
		{name: "unparsable base URL with a password", token: token, opt: cftokens.WithBaseURL("https://u:" + leak + "@exa mple:x/%zz"), want: "base URL cannot be parsed"},
		{name: "base URL with a query", token: token, opt: cftokens.WithBaseURL("https://example.com/?a=" + leak), want: "base URL must not contain a query"},
		{name: "base URL with a fragment", token: token, opt: cftokens.WithBaseURL("https://example.com/#" + leak), want: "base URL must not contain a query"},
		{name: "empty user agent", token: token, opt: cftokens.WithUserAgent(""), want: "user agent must be"},
		{name: "line break in the user agent", token: token, opt: cftokens.WithUserAgent("a\n" + leak), want: "user agent must be"},
		{name: "negative retries", token: token, opt: cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: -1}), want: "retry policy"},
		{name: "BaseDelay above MaxDelay", token: token, opt: cftokens.WithRetryPolicy(cftokens.RetryPolicy{BaseDelay: 2, MaxDelay: 1}), want: "retry policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []cftokens.Option
			if tt.opt != nil || tt.name == "nil option" {
				opts = append(opts, tt.opt)
			}
			client, err := cftokens.NewClient(tt.token, opts...)
			if client != nil || !errors.Is(err, cftokens.ErrInvalidArgument) {
				t.Fatalf("NewClient() = %v, %v; want nil, ErrInvalidArgument", client, err)
			}
			if !strings.HasPrefix(err.Error(), "cftokens: ") {
				t.Errorf("NewClient() error = %v, want the prefix cftokens:", err)
			}
			checkError(t, "NewClient()", err, nil, tt.want)
			checkNoLeak(t, "NewClient()", err, leak)
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
		"Accept":        {"application/json"},
		"Authorization": {"Bearer " + credential},
		"User-Agent":    {"rotator/1.2 cftokens-go/0.1.0"},
	}
	if diff := cmp.Diff(want, req.Header); diff != "" {
		t.Errorf("Get() header (-want +got):\n%s", diff)
	}
	if got, want := req.URL.String(), "https://example.com/client/v4/user/tokens/"+tokenID; got != want {
		t.Errorf("Get() requested %s, want %s", got, want)
	}
	if err := client.Delete(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	want.Set("Cftokens-Client", "0.1.0")
	if diff := cmp.Diff(want, api.requests[1].Header); diff != "" {
		t.Errorf("Delete() header (-want +got):\n%s", diff)
	}
}

func TestWithBaseURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, base, id, want string }{
		{name: "default", base: cftokens.DefaultBaseURL, id: "a", want: "https://api.cloudflare.com/client/v4/user/tokens/a"},
		{name: "no path", base: "https://example.com", id: "a", want: "https://example.com/user/tokens/a"},
		{name: "trailing slashes", base: "https://example.com:8443/v4//", id: "a", want: "https://example.com:8443/v4/user/tokens/a"},
		{name: "empty segment", base: "https://example.com//v4", id: "a", want: "https://example.com//v4/user/tokens/a"},
		{name: "escaped path", base: "https://example.com/a%2Fb/", id: "a", want: "https://example.com/a%2Fb/user/tokens/a"},
		{name: "trailing escaped slash", base: "https://example.com/a%2F/", id: "a", want: "https://example.com/a%2F/user/tokens/a"},
		{name: "dot segments", base: "https://example.com/a/../v4/./", id: "a", want: "https://example.com/v4/user/tokens/a"},
		{name: "escaped ID", base: "https://example.com/v4", id: "a/b", want: "https://example.com/v4/user/tokens/a%2Fb"},
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
			if got := req.URL.String(); got != tt.want {
				t.Errorf("GetToken() requested %s, want %s", got, tt.want)
			}
			if req.Host != req.URL.Host {
				t.Errorf("GetToken() sent the host %s, want %s", req.Host, req.URL.Host)
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
		t.Errorf("Get() requested %s, want %s", got, want)
	}
}

func TestNewClientFromEnv(t *testing.T) {
	api := respond(http.StatusOK, success(tokenJSON))
	transport := cftokens.WithHTTPClient(&http.Client{Transport: api})
	t.Setenv("CLOUDFLARE_BASE_URL", "")
	for _, tt := range []struct{ token, base, want string }{
		{"", "", "environment variable CLOUDFLARE_API_TOKEN is empty, or not set"},
		{" \t\n", "", "environment variable CLOUDFLARE_API_TOKEN is empty, or not set"},
		{`"` + leak + `"`, "", "environment variable CLOUDFLARE_API_TOKEN must contain only letters"},
		{credential, "http://" + leak + ".example", "environment variable CLOUDFLARE_BASE_URL must be https"},
		{credential, "https://u:" + leak + "@example.com", "environment variable CLOUDFLARE_BASE_URL must not contain credentials"},
		{credential, " ", "environment variable CLOUDFLARE_BASE_URL is empty or has no host"},
	} {
		t.Setenv("CLOUDFLARE_API_TOKEN", tt.token)
		t.Setenv("CLOUDFLARE_BASE_URL", tt.base)
		_, err := cftokens.NewClientFromEnv(transport)
		call := fmt.Sprintf("NewClientFromEnv() with the token %q and the base URL %q:", tt.token, tt.base)
		checkError(t, call, err, cftokens.ErrInvalidArgument, tt.want)
		checkNoLeak(t, call, err, leak)
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
			if req.URL.Host != tt.want {
				t.Errorf("Get() sent the request to %s, want %s", req.URL.Host, tt.want)
			}
			if got := req.Header.Get("Authorization"); got != "Bearer "+credential {
				t.Errorf("Get() sent the Authorization header %q, want the credential", got)
			}
		})
	}
}

func TestWithHTTPClient_Copied(t *testing.T) {
	t.Parallel()
	httpClient := &http.Client{Transport: respond(http.StatusOK, success(tokenJSON))}
	client, err := cftokens.NewClient(credential, cftokens.WithHTTPClient(httpClient))
	if err != nil {
		t.Fatal(err)
	}
	if httpClient.CheckRedirect != nil {
		t.Error("NewClient() set CheckRedirect of the caller's client")
	}
	httpClient.Transport = nil
	if _, err := client.Get(t.Context(), tokenID); err != nil {
		t.Errorf("Get() after a change of the caller's client: error = %v, want nil", err)
	}
}
