package cftokens

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// DefaultBaseURL is the base URL of Cloudflare's API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// version is the version of this module, as in CHANGELOG.md.
const version = "0.1.0"

// defaultTimeout limits each attempt, including reading the body.
const defaultTimeout = time.Minute

// An Option configures a [Client]. If its argument is invalid, NewClient returns an
// error.
type Option func(*config) error

type config struct {
	baseURL   *url.URL // without a trailing slash
	hostPort  string   // of baseURL, as net/http connects to it
	http      *http.Client
	userAgent string
	retry     RetryPolicy
	log       *slog.Logger
}

// WithBaseURL sends requests to rawURL instead of [DefaultBaseURL]. The scheme must be
// https, or http if the host is a loopback address. The URL must not contain credentials,
// a query or a fragment.
func WithBaseURL(rawURL string) Option { return withBaseURL("base URL", rawURL) }

// withBaseURL is WithBaseURL with a name for the value in errors.
func withBaseURL(name, rawURL string) Option {
	return func(c *config) error {
		u, err := url.Parse(strings.TrimSpace(rawURL))
		switch {
		case err != nil: // which quotes the URL, and a password in it
			return invalid(name, "cannot be parsed")
		case u.User != nil:
			return invalid(name, "must not contain credentials")
		case u.Host == "":
			return invalid(name, "is empty or has no host; write it like "+DefaultBaseURL)
		case strings.ContainsFunc(u.Host, notPrintableASCII):
			return invalid(name, "must have an ASCII host name; write an internationalized one with its xn-- labels")
		case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
			return invalid(name, "must not contain a query or a fragment")
		case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
			return invalid(name, "must be https, or http to a loopback host")
		}
		port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		c.hostPort = net.JoinHostPort(u.Hostname(), port)
		c.baseURL, err = url.Parse(strings.TrimRight(u.ResolveReference(u).String(), "/")) // without dot segments
		return err
	}
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// WithHTTPClient uses c to send requests, for example to set a proxy or a timeout. The
// default client times out after one minute per attempt. c is copied, not modified.
// Redirects are not followed: c.CheckRedirect is not called. [Client.All] and
// [Client.AllPermissionGroups] call RoundTrip of its transport concurrently.
//
// c must not retry. If its transport sends a Create or a Roll again, the second request is
// stopped, or the call returns the result along with an error that matches
// [ErrOutcomeUnknown]. This can only be noticed if the transport supports
// [net/http/httptrace], as net/http does, and keeps the context of the request and its header
// Cftokens-Client, which marks requests that change something. It may send other requests in
// that context. If the transport reads the whole body before it connects, a failure to
// connect counts as an unknown outcome.
//
// The default client finds dead HTTP/2 connections by pings. For those of c, set
// SendPingTimeout in the HTTP2 field of its [http.Transport].
func WithHTTPClient(c *http.Client) Option {
	return func(cfg *config) error {
		if c == nil {
			return invalid("HTTP client", "must not be nil")
		}
		copied := *c
		cfg.http = &copied
		return nil
	}
}

// WithUserAgent prepends product, such as "rotator/1.2", to the User-Agent header of this
// package.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if product == "" || strings.ContainsFunc(product, notPrintableASCII) {
			return invalid("user agent", "must be non-empty printable ASCII")
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	}
}

func notPrintableASCII(r rune) bool { return r < ' ' || r > '~' }

// WithRetryPolicy replaces [DefaultRetryPolicy]. RetryPolicy{} disables retries. If both
// delays are 0, but MaxRetries is not, they are those of DefaultRetryPolicy.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(c *config) error {
		if p.MaxRetries < 0 || p.BaseDelay < 0 || p.MaxDelay < p.BaseDelay {
			return invalid("retry policy", "needs MaxRetries >= 0 and 0 <= BaseDelay <= MaxDelay")
		}
		if p.MaxDelay == 0 && p.MaxRetries > 0 {
			p.BaseDelay, p.MaxDelay = DefaultRetryPolicy().BaseDelay, DefaultRetryPolicy().MaxDelay
		}
		c.retry = p
		return nil
	}
}

// WithLogger logs every attempt to l: operation, method, path template, status,
// attempt, duration, Ray ID, and the wait before a retry. Successful attempts are
// logged at Debug, failed ones at Warn. Headers, bodies, queries and IDs are never
// logged. Nil, the default, logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.log = l
		return nil
	}
}

// checkCredential returns the token without leading and trailing white space. The format of
// tokens has changed before, so only what no bearer token contains (RFC 6750) is rejected.
func checkCredential(name, token string) (secret.Value, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return secret.Value{}, invalid(name, "is empty, or not set")
	case strings.ContainsFunc(token, notInToken):
		return secret.Value{}, invalid(name, `must contain only letters, digits and -._~+/=: no quotes, braces, spaces or invisible characters, no "Bearer", and no ${VARIABLE} that was not expanded`)
	}
	return secret.New(token), nil
}

func notInToken(r rune) bool {
	return notInWord(r) && !strings.ContainsRune(".~+/=", r)
}
