package cftokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Client calls the user API token endpoints with one credential. Make one with
// [NewClient] and share it: it is safe for concurrent use.
type Client struct {
	gen *gen.Client
}

// NewClient makes a client that signs its requests with token, a user API token.
// White space around the token is dropped. Nothing is sent; [Client.Verify] tells
// whether the API takes the token.
//
// An unusable token or option gives an error that matches [ErrInvalidArgument]
// and never quotes the value.
func NewClient(token string, opts ...Option) (*Client, error) {
	token, err := checkCredential(token)
	if err != nil {
		return nil, err
	}
	cfg := config{
		http:      &http.Client{Timeout: defaultTimeout},
		userAgent: "cftokens-go/" + version,
		retry:     DefaultRetryPolicy(),
	}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if opt == nil {
			return nil, optionError("option", "is nil")
		}
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	cfg.http.CheckRedirect = refuseForeign(cfg.http.CheckRedirect)

	credential := secret.New(token)
	sign := signer(token, cfg.userAgent)
	g, err := gen.NewClient("/",
		gen.WithHTTPClient(&transport{http: cfg.http, retry: cfg.retry, log: cfg.log, credential: credential}),
		gen.WithRequestEditorFn(addresser(cfg.baseURL)),
		gen.WithRequestEditorFn(sign))
	if err != nil {
		return nil, fmt.Errorf("cftokens: %w", err)
	}
	return &Client{gen: g}, nil
}

// addresser puts the base URL in front of what generated code makes. Generated code
// would parse it anew, and more than once, for every request.
func addresser(base *url.URL) gen.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		if base.RawPath != "" || req.URL.RawPath != "" {
			req.URL.RawPath = base.EscapedPath() + req.URL.EscapedPath()
		}
		req.URL.Path = base.Path + req.URL.Path
		req.URL.Scheme, req.URL.Host, req.Host = base.Scheme, base.Host, base.Host
		return nil
	}
}

// signer sets the headers that every request has: on the request, so that net/http
// drops the credential on a redirect elsewhere. The credential lives in the closure.
func signer(token, userAgent string) gen.RequestEditorFn {
	bearer := "Bearer " + token
	return func(_ context.Context, req *http.Request) error {
		// Each request's own, for an editor of the caller's may write to them.
		values := [...]string{bearer, userAgent}
		req.Header["Authorization"] = values[:1:1]
		req.Header["User-Agent"] = values[1:]
		return nil
	}
}

// NewClientFromEnv makes a client from the environment: the token from
// CLOUDFLARE_API_TOKEN, and the base URL from CLOUDFLARE_BASE_URL where that is
// set. An option wins over the environment.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	token := os.Getenv("CLOUDFLARE_API_TOKEN")
	if strings.TrimSpace(token) == "" {
		return nil, optionError("environment variable CLOUDFLARE_API_TOKEN", "is not set")
	}
	if base := os.Getenv("CLOUDFLARE_BASE_URL"); base != "" {
		opts = append([]Option{WithBaseURL(base)}, opts...)
	}
	return NewClient(token, opts...)
}

// Generated returns the generated client, for what the wrapper lacks. Its requests
// are addressed, signed, bounded, retried and logged like those of the wrapper; its
// answers come as they are, so the caller checks status and envelope, and closes the
// body. The package gen promises no stability.
func (c *Client) Generated() *gen.Client { return c.gen }

// refuseForeign keeps requests on the host that they were meant for, and off plain
// http, before next or the rule of net/http is asked.
func refuseForeign(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		first := via[0].URL
		if req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
			return errRedirect
		}
		if next != nil {
			return next(req, via)
		}
		if len(via) >= 10 {
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
}

var errRedirect = errors.New("the answer was a redirect to another host or scheme, which was not followed")

// do makes a call: build (send, by generated code) -> authorise (a request editor)
// -> retry and log (transport) -> decode -> unwrap the envelope. A result is
// unusable where problem says so.
func do[T any](ctx context.Context, op operation, problem func(*T) string, send func(context.Context) (*http.Response, error)) (*envelope[T], error) {
	if ctx == nil {
		return nil, invalid(op, "context", "is nil")
	}
	c := &typedCall[T]{call: call{op: op}, problem: problem}
	c.decoder = c
	resp, err := send(context.WithValue(ctx, callKey{}, &c.call))
	if resp != nil {
		// The transport has read the body already; what is left to close is in memory.
		_ = resp.Body.Close()
	}
	if c.attempts == 0 && err != nil {
		return nil, fmt.Errorf("cftokens: %s: %w: %w", op.id, ErrInvalidArgument, err)
	}
	if err := c.result(); err != nil {
		return nil, err
	}
	return &c.envelope, nil
}

// missing is the problem of a result that is not there.
func missing[T any](result *T) string {
	if result == nil {
		return "the envelope has no result"
	}
	return ""
}
