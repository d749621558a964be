package cftokens

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
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
	problem := cleanURLs(err.Error(), req, a.op)
	switch noConnection := a.wanted && !a.connected; {
	case errors.Is(err, context.Canceled):
		e.kind = "canceled"
	case isTimeout(err):
		e.kind = "timeout"
	case noConnection && a.address != a.hostPort && isText(err):
		// This is the reason phrase of a proxy that refuses to connect.
		e.kind, problem = "connection failed", fmt.Sprintf("the proxy %s does not connect: %q", a.address, problem)
		e.permanent = e.permanent || !isServerError(err.Error())
	case noConnection && e.permanent:
		e.kind, problem = "connection failed", "cannot connect: "+problem
	case noConnection || isConnectError(err):
		e.kind = "connection failed"
	case a.stopped != nil:
		e.kind = a.stopped.Error()
	}
	text := secrets{c.credential}.sanitize(problem)
	e.cause = hide(err, text)
	noun := "attempts"
	if a.n == 1 {
		noun = "attempt"
	}
	e.text = fmt.Sprintf("%s %s at %s: %s (%d %s)", a.op.Method, a.op.Path, a.host, text, a.n, noun)
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
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		unknown      x509.UnknownAuthorityError
		invalid      x509.CertificateInvalidError
		hostname     x509.HostnameError
	)
	return errors.As(err, &verification) || errors.As(err, &record) ||
		errors.As(err, &unknown) || errors.As(err, &invalid) || errors.As(err, &hostname)
}

// isConnectError reports whether err says that no connection was made.
func isConnectError(err error) bool {
	var opErr *net.OpError
	return isCertificateError(err) || errors.As(err, &opErr) && opErr.Op == "dial"
}

// isText reports whether nothing is known of err but its text.
func isText(err error) bool {
	var netErr net.Error
	return !errors.As(err, &netErr) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !isCertificateError(err)
}

// isServerError reports whether text is the reason phrase of a status of 500 or more.
func isServerError(text string) bool {
	for status := http.StatusInternalServerError; status <= http.StatusNetworkAuthenticationRequired; status++ {
		if text == http.StatusText(status) {
			return true
		}
	}
	return false
}

var urlPattern = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s"/]*@)?([^\s"/?#]*)[^\s"]*`)

// cleanURLs returns the text of an error without what URLs in it may contain: credentials,
// IDs and queries.
func cleanURLs(text string, req *http.Request, op *gen.Operation) string {
	switch {
	case strings.HasPrefix(text, badLocation):
		return "redirect with a malformed Location header"
	case strings.Contains(text, badProxy):
		return badProxy
	}
	text = urlPattern.ReplaceAllString(text, "$1$2")
	text = strings.ReplaceAll(text, req.URL.RequestURI(), op.Path)
	return strings.ReplaceAll(text, req.URL.EscapedPath(), op.Path)
}
