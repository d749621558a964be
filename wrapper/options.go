package cftokens

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// DefaultBaseURL is the address of Cloudflare's API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// version is the version of this module, as CHANGELOG.md has it.
const version = "0.1.0"

// defaultTimeout bounds each attempt of a call, its body included, so that a
// server that never answers does not hold a caller without a deadline for ever.
const defaultTimeout = time.Minute

// Option changes how [NewClient] sets up a client. An option that is given
// something unusable makes NewClient fail.
type Option func(*config) error

type config struct {
	baseURL   *url.URL // without a slash at its end
	http      *http.Client
	userAgent string
	retry     RetryPolicy
	log       *slog.Logger
}

// WithBaseURL sends requests to another address than [DefaultBaseURL]. The URL
// needs the scheme https, or http and a loopback host, and no user information,
// query or fragment.
func WithBaseURL(rawURL string) Option {
	return func(c *config) error {
		// The error of url.Parse quotes the URL, and with it a password in it.
		u, err := url.Parse(strings.TrimSpace(rawURL))
		switch {
		case err != nil:
			return optionError("base URL", "cannot be parsed")
		case u.User != nil:
			return optionError("base URL", "must not hold user information")
		case u.Host == "":
			return optionError("base URL", "has no host")
		case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
			return optionError("base URL", "must not hold a query or a fragment")
		case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
			return optionError("base URL", "must be https, or http to a loopback host")
		}
		c.baseURL = u.ResolveReference(u) // without dot segments
		for strings.HasSuffix(c.baseURL.EscapedPath(), "/") {
			c.baseURL.Path = strings.TrimSuffix(c.baseURL.Path, "/")
			c.baseURL.RawPath = strings.TrimSuffix(c.baseURL.RawPath, "/")
		}
		return nil
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// WithHTTPClient sends requests with c, for a transport, a proxy or a timeout of
// its own; without it, each attempt is given a minute. The client is copied, never
// modified. Redirects to another host or to
// plain http are refused before its CheckRedirect is asked.
func WithHTTPClient(c *http.Client) Option {
	return func(cfg *config) error {
		if c == nil {
			return optionError("HTTP client", "is nil")
		}
		copied := *c
		cfg.http = &copied
		return nil
	}
}

// WithUserAgent puts product, such as "rotator/1.2", before the library's own
// product in the User-Agent header.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if product == "" || strings.ContainsFunc(product, notPrintableASCII) {
			return optionError("user agent", "is empty or holds other than printable ASCII characters")
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	}
}

func notPrintableASCII(r rune) bool { return r < ' ' || r > '~' }

// WithRetryPolicy replaces [DefaultRetryPolicy]. RetryPolicy{} means no retries.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(c *config) error {
		if p.MaxRetries < 0 || p.MinDelay < 0 || p.MaxDelay < p.MinDelay {
			return optionError("retry policy", "needs MaxRetries >= 0 and 0 <= MinDelay <= MaxDelay")
		}
		c.retry = p
		return nil
	}
}

// WithLogger logs every attempt to l: operation, method, path template, status,
// attempt, duration, ray id, and the wait before a retry. Attempts that end a
// call well are logged at level Debug, those that are retried or end it badly at
// Warn. Headers, bodies, queries and ids are never logged. Nil, the default, logs
// nothing.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.log = l
		return nil
	}
}

func optionError(field, problem string) error {
	return fmt.Errorf("cftokens: %w: %s %s", ErrInvalidArgument, field, problem)
}

// checkCredential returns the token without white space around it. The formats of
// tokens changed before and may again, so only what no header can carry is refused.
func checkCredential(token string) (string, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return "", optionError("token", "is empty")
	}
	if strings.ContainsFunc(token, unicode.IsControl) {
		return "", optionError("token", "holds a control character")
	}
	return token, nil
}
