package cftokens

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// transportError is the error of an attempt without a response.
type transportError struct {
	kind      string // for the log
	text      string
	cause     error
	permanent bool // another attempt would fail in the same way
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.cause }

// failed returns the outcome of an attempt that got no response but err. ctx is the context
// of the call.
func (c *Client) failed(ctx context.Context, a *attempt, req *http.Request, err error) outcome {
	a.mu.Lock()
	defer a.mu.Unlock()
	// net/http prepends the URL to its errors, which may contain a query.
	if urlErr, ok := err.(*url.Error); ok { //nolint:errorlint // nested ones are part of the text
		err = urlErr.Err
	}
	if a.stopped != nil {
		err = a.stopped
	}
	err = contextError(ctx, err)
	e := &transportError{kind: "connection lost", permanent: isPermanent(err)}
	problem := cleanURLs(err.Error(), req.URL.RawQuery)
	switch noConnection := a.wanted && !a.connected || isConnectError(err); {
	case errors.Is(err, context.Canceled):
		e.kind = "canceled"
	case isTimeout(err):
		e.kind = "timeout"
	case noConnection && a.wanted && a.address != c.hostPort: // to a proxy, which may have written the text
		e.kind, problem = "connection failed", fmt.Sprintf("no connection through the proxy %s: %q", a.address, problem)
		e.permanent = e.permanent || isRefusal(err.Error())
	case noConnection:
		e.kind, problem = "connection failed", "no connection: "+problem
	case a.stopped != nil:
		e.kind = a.stopped.Error()
	}
	text := secrets{c.credential}.sanitize(problem)
	e.cause = hide(err, text)
	noun := "attempts"
	if a.n == 1 {
		noun = "attempt"
	}
	e.text = fmt.Sprintf("%s %s at %s: %s (%d %s)", req.Method, req.URL.Path, c.baseURL.Host, text, a.n, noun)
	return outcome{err: e, transient: !e.permanent, mayHaveApplied: !a.notApplied(err)}
}

// contextError makes err match the error of ctx if ctx is done: net/http returns the
// cause of a cancellation instead.
func contextError(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// These errors of net/http quote a header or a variable, which may contain a secret.
const (
	badLocation = "failed to parse Location header"
	badProxy    = "invalid proxy address"
)

// isPermanent reports whether another attempt would fail in the same way.
func isPermanent(err error) bool {
	return isCertificateError(err) || strings.HasPrefix(err.Error(), badLocation) || strings.Contains(err.Error(), badProxy)
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &record)
}

// isConnectError reports whether err says that no connection was made.
func isConnectError(err error) bool {
	var opErr *net.OpError
	return isCertificateError(err) || errors.As(err, &opErr) && opErr.Op == "dial"
}

// isRefusal reports whether text is the reason phrase of a status below 500, which is the
// error of net/http if a proxy refuses to connect.
func isRefusal(text string) bool {
	for status := http.StatusMultipleChoices; status < http.StatusInternalServerError; status++ {
		if text == http.StatusText(status) {
			return true
		}
	}
	return false
}

// cleanURLs returns the text of an error without the query of the request, and without what
// URLs in it may contain: credentials, IDs and queries.
func cleanURLs(text, query string) string {
	switch {
	case strings.HasPrefix(text, badLocation):
		return "redirect with a malformed Location header"
	case strings.Contains(text, badProxy):
		return badProxy
	}
	var clean strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		clean.WriteString(before)
		if !found {
			break
		}
		end := strings.IndexAny(rest+" ", " \t\r\n\"'<>")
		host := rest[:strings.IndexAny(rest+"/", "/?# \t\r\n\"'<>")]
		clean.WriteString("://" + host[strings.LastIndex(host, "@")+1:])
		text = rest[end:]
	}
	if query == "" {
		return clean.String()
	}
	return strings.ReplaceAll(clean.String(), query, "")
}
