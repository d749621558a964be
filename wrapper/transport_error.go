package cftokens

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// transportError is the error of an attempt without a response. It matches its cause, but
// does not expose it, because errors in a chain may contain what its text must not.
type transportError struct {
	hiddenError

	kind      string // for the log
	permanent bool   // another attempt would fail in the same way
}

// As makes e match its cause if that is of a type that contains no text of others.
func (e *transportError) As(target any) bool {
	switch target.(type) {
	case **tls.CertificateVerificationError, *tls.RecordHeaderError, **net.DNSError:
		return errors.As(e.err, target)
	}
	return false
}

// Timeout and Temporary implement [net.Error].
func (e *transportError) Timeout() bool   { return isTimeout(e.err) }
func (e *transportError) Temporary() bool { return !e.permanent }

// failed ends an attempt that got no response but err, in a call with ctx.
func (a *attempt) failed(ctx context.Context, req *http.Request, err error) outcome {
	a.end() // what was not read until now is not sent later
	// net/http prepends the URL to its errors, which may contain a query.
	if urlErr, ok := err.(*url.Error); ok { //nolint:errorlint // nested ones are part of the text
		err = urlErr.Err
	}
	err = a.cause(ctx, err)
	a.mu.Lock()
	defer a.mu.Unlock()
	e := &transportError{hiddenError: hiddenError{err: err}, kind: "connection lost"}
	problem := err.Error()
	var urlErr *url.Error
	switch {
	case strings.HasPrefix(problem, "failed to parse Location header"):
		problem, e.permanent = "redirect with a malformed Location header", true
	case strings.Contains(problem, "invalid proxy address"), errors.As(err, &urlErr) && urlErr.Op == "parse":
		problem, e.permanent = "malformed URL, of a proxy for example", true
	default:
		problem = cleanURLs(problem, req.URL.RawQuery)
	}
	noConnection := a.address != "" && !a.connected || isConnectError(err)
	switch {
	case errors.Is(err, context.Canceled):
		e.kind = "canceled"
	case isTimeout(err):
		e.kind = "timeout"
	case noConnection:
		e.kind = "connection failed"
		// The text of an error may be the reason phrase of a proxy that refuses to connect.
		e.permanent = e.permanent || isCertificateError(err) || slices.Contains(refusals, err.Error())
		if a.address == "" || a.address == a.client.hostPort {
			problem = "no connection: " + problem
		} else {
			problem = fmt.Sprintf("no connection to %s: %q", a.address, problem)
		}
	case a.stopped != nil:
		e.kind = a.stopped.Error()
	}
	e.text = fmt.Sprintf("%s %s at %s: %s (%d attempts)", req.Method, req.URL.Path, a.client.baseURL.Host, a.client.sanitize(problem), a.n)
	if a.n == 1 {
		e.text = strings.TrimSuffix(e.text, "s)") + ")"
	}
	return outcome{err: e, mayHaveApplied: !a.notApplied(err)}
}

// refusals are errors of net/http if a proxy refuses to connect for good.
var refusals = []string{http.StatusText(http.StatusForbidden), http.StatusText(http.StatusProxyAuthRequired)}

// cause returns why an attempt failed with err, in a call with ctx: the reason why it was
// stopped, or an error that matches that of ctx, if ctx is done. net/http returns the cause
// of a cancellation instead.
func (a *attempt) cause(ctx context.Context, err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil || errors.Is(err, ctx.Err()):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return cmp.Or(a.stopped, err)
}

func isCertificateError(err error) bool {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return unverified || noTLS
}

// isConnectError reports whether err says that no connection was made.
func isConnectError(err error) bool {
	opErr, ok := errors.AsType[*net.OpError](err)
	return ok && opErr.Op == "dial" || isCertificateError(err)
}

// cleanURLs returns the text of an error without the query of the request, and without what
// URLs in it may contain: credentials, IDs and queries.
func cleanURLs(text, query string) string {
	var clean strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		clean.WriteString(before)
		if !found {
			break
		}
		url := rest[:strings.IndexAny(rest+" ", " \t\r\n\"'<>")]
		text = rest[len(url):]
		if at := strings.LastIndex(url, "@"); at >= 0 { // after a password, which may contain slashes
			url = url[at+1:]
		}
		clean.WriteString("://" + url[:strings.IndexAny(url+"/", "/?#")])
	}
	return strings.ReplaceAll(clean.String(), query, "")
}
