package cftokens

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// A Client calls the API token endpoints with one credential. Create one with
// [NewClient] and share it: it is safe for concurrent use.
type Client struct {
	config

	owner      owner
	credential secret.Value
}

// NewClient returns a client that authenticates with token, an API token. Leading and
// trailing white space is trimmed; a token with other characters than letters, digits and
// -._~+/= is rejected. No request is made; use [Client.Verify] to check the token.
//
// If the token or an option is invalid, the error matches [ErrInvalidArgument] and
// does not include the value.
func NewClient(token string, opts ...Option) (*Client, error) {
	return newClient("token", token, opts)
}

// newClient is NewClient with a name for the token in errors.
func newClient(name, token string, opts []Option) (*Client, error) {
	credential, err := checkCredential(name, token)
	if err != nil {
		return nil, fmt.Errorf("cftokens: %w", err)
	}
	cfg := config{
		http:      &http.Client{Transport: defaultTransport, Timeout: defaultTimeout},
		userAgent: "cftokens-go/" + version,
		retry:     DefaultRetryPolicy(),
	}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if opt == nil {
			return nil, fmt.Errorf("cftokens: %w", invalid("option", "must not be nil"))
		}
		if err := opt(&cfg); err != nil {
			return nil, fmt.Errorf("cftokens: %w", err)
		}
	}
	cfg.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{config: cfg, credential: credential}, nil
}

// NewClientFromEnv is like [NewClient] with the token from CLOUDFLARE_API_TOKEN and,
// if it is set, the base URL from CLOUDFLARE_BASE_URL. Options override the
// environment.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	const variable = "environment variable "
	if base := os.Getenv("CLOUDFLARE_BASE_URL"); base != "" {
		opts = append([]Option{withBaseURL(variable+"CLOUDFLARE_BASE_URL", base)}, opts...)
	}
	return newClient(variable+"CLOUDFLARE_API_TOKEN", os.Getenv("CLOUDFLARE_API_TOKEN"), opts)
}

// Account returns a client for the tokens owned by an account, with the same credential
// and settings. Its methods call the endpoints under /accounts/{account_id}/tokens, which
// need the permission groups "Account API Tokens Read" or "Account API Tokens Write". The
// error matches [ErrInvalidArgument] if accountID is not 32 hexadecimal digits.
//
// Cloudflare API docs: https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/
func (c *Client) Account(accountID string) (*Client, error) {
	if len(accountID) != 32 || strings.Trim(accountID, "0123456789abcdefABCDEF") != "" {
		const problem = "must be 32 hexadecimal digits, not a name; it is in the URLs of the dashboard, https://dash.cloudflare.com/<account ID>"
		return nil, fmt.Errorf("cftokens: %w", invalid("account ID", problem))
	}
	account := *c
	account.owner = owner{accountID}
	return &account, nil
}

// WithToken returns a client that authenticates with another token. The settings, and the
// account of [Client.Account], are the same. It returns the same errors as [NewClient].
func (c *Client) WithToken(token string) (*Client, error) {
	credential, err := checkCredential("token", token)
	if err != nil {
		return nil, fmt.Errorf("cftokens: %w", err)
	}
	other := *c
	other.credential = credential
	return &other, nil
}

// Generated returns a generated client, for requests that this package does not
// support. It authenticates each request with this client's token and sends it once,
// without retries and without following redirects. Responses are returned as they
// are: check the status and the envelope, and close the body. If the HTTP client sends a
// request again, that is stopped if possible, but not reported. If there is no response,
// the errors are those of other methods, including [ErrOutcomeUnknown].
//
// Package gen has no compatibility guarantee.
func (c *Client) Generated() *gen.Client {
	prepare := func(_ context.Context, req *http.Request) error {
		c.prepare(req)
		return nil
	}
	return &gen.Client{Server: root, Client: doer(c.sendGenerated), RequestEditors: []gen.RequestEditorFn{prepare}}
}

// doer implements [gen.HttpRequestDoer].
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }
