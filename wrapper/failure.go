package cftokens

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// failure is what the body of an error response may contain: the members of an envelope,
// of a structured error of Cloudflare's edge (RFC 9457), and of errors of gateways. Members
// of an unexpected type are ignored.
type failure struct {
	Success          any
	Errors, Messages json.RawMessage

	Type, Title, Detail any
	ErrorCode           any `json:"error_code"`
	RayID               any `json:"ray_id"`
	RetryAfter          any `json:"retry_after"` // seconds

	Error         json.RawMessage
	Code, Message json.RawMessage
}

func newFailure(body []byte) (f failure) {
	if json.Unmarshal(body, &f) != nil {
		return failure{}
	}
	return f
}

// isProof reports whether f comes from Cloudflare and says that the request was not carried
// out. The page of a proxy may replace a response after the work.
func (f failure) isProof() bool {
	if f.Success == false && bytes.HasPrefix(f.Errors, []byte("[")) {
		return true
	}
	code, ok := f.ErrorCode.(float64)
	return ok && code == math.Trunc(code) && (text(f.RayID) != "" || strings.Contains(text(f.Type), ":"))
}

// text returns v if it is a string, and "" otherwise.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// errors returns what f says in the form of an envelope.
func (r *response) errors(f failure) []ErrorDetail {
	switch {
	case len(f.Errors) > 0:
		return r.details(f.Errors)
	case text(f.Title) != "" || text(f.Detail) != "":
		d := ErrorDetail{Message: r.sanitize(strings.Trim(text(f.Title)+": "+text(f.Detail), ": "))}
		if code, ok := f.ErrorCode.(float64); ok {
			d.Code = int(code)
		}
		if strings.HasPrefix(text(f.Type), "https://") {
			d.DocumentationURL = r.sanitize(text(f.Type))
		}
		return []ErrorDetail{d}
	}
	for _, raw := range []json.RawMessage{f.Error, f.Message} {
		if details := r.details(raw); len(details) > 0 {
			details[0].Code = cmp.Or(details[0].Code, wholeNumber(f.Code))
			return details
		}
	}
	return nil
}

// isRequestStatus reports whether a status is about the form of the request itself.
func isRequestStatus(status int) bool {
	return slices.Contains([]int{407, 411, 413, 414, 417, 431}, status)
}

func (r *response) apiError(f failure) *APIError {
	e := &APIError{
		Operation:    r.attempt.op.ID,
		Method:       r.http.Request.Method,
		Path:         r.http.Request.URL.Path,
		StatusCode:   r.http.StatusCode,
		Errors:       r.errors(f),
		Messages:     r.details(f.Messages),
		RayID:        r.rayID(),
		RetryAfter:   retryAfter(r.http.Header.Get("Retry-After"), time.Now()),
		RedirectHost: r.redirectHost(),
		Attempts:     r.attempt.n,
	}
	if seconds, ok := f.RetryAfter.(float64); ok && e.RetryAfter == 0 {
		e.RetryAfter = retryAfter(strconv.FormatFloat(math.Ceil(seconds), 'f', 0, 64), time.Now())
	}
	// JSON may contain the value of a token, whatever the status. The page of a redirect
	// repeats its URL, and an incomplete one may end in a part of a secret.
	page := string(r.body)
	if !r.private && !r.redirect() && r.readErr == nil && !containsJSON(page) {
		e.Excerpt = r.sanitize(pageText(r.secrets.redact(page)))
	}
	return e
}

// containsJSON reports whether page is a JSON string, or contains a JSON object or array.
func containsJSON(page string) bool {
	const space = " \t\r\n\ufeff"
	page = strings.TrimLeft(page, space)
	for i, r := range page {
		if (r == '{' || r == '[') && strings.IndexAny(strings.TrimLeft(page[i+1:], space), `"{[`) == 0 {
			return true
		}
	}
	return strings.HasPrefix(page, `"`)
}

func (r *response) redirectHost() string {
	u, err := r.http.Location()
	if !r.redirect() || err != nil {
		return ""
	}
	return r.sanitize(u.Host)
}

// maxEntries limits the errors and messages that are read.
const maxEntries = 100

// unknownForm replaces an entry that may contain the value of a token.
const unknownForm = "(an entry in an unknown form)"

// details decodes a list of entries. A bare string becomes a message without a code.
func (r *response) details(raw json.RawMessage) []ErrorDetail {
	if len(raw) == 0 {
		return nil
	}
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		entries = []json.RawMessage{raw}
	}
	var details []ErrorDetail
	for _, entry := range entries {
		if r.entries++; r.entries > maxEntries {
			break
		}
		details = append(details, r.detail(entry))
	}
	return details
}

func (r *response) detail(raw json.RawMessage) ErrorDetail {
	if !bytes.HasPrefix(raw, []byte("{")) {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = unknownForm
		}
		return ErrorDetail{Message: r.sanitize(text)}
	}
	var wire struct {
		Code             json.RawMessage
		Message          string
		DocumentationURL string `json:"documentation_url"`
		Source           struct{ Pointer string }
		ErrorChain       json.RawMessage `json:"error_chain"`
	}
	if json.Unmarshal(raw, &wire) != nil {
		return ErrorDetail{Message: unknownForm}
	}
	d := ErrorDetail{
		Message:          r.sanitize(wire.Message),
		DocumentationURL: r.sanitize(wire.DocumentationURL),
		Pointer:          r.sanitize(wire.Source.Pointer),
		Chain:            r.details(wire.ErrorChain),
		Code:             wholeNumber(wire.Code),
	}
	if d.Code == 0 && d.Message == "" && len(d.Chain) == 0 {
		d.Message = unknownForm
	}
	return d
}

