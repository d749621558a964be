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

// failure is an object that says what went wrong: an envelope, an entry of its errors or
// messages, a structured error of Cloudflare's edge (RFC 9457), or an error of a gateway.
// Members of an unexpected type are ignored.
type failure struct {
	Success          any
	Errors, Messages json.RawMessage

	Code             json.RawMessage
	Message          string
	DocumentationURL string `json:"documentation_url"`
	Source           struct{ Pointer string }
	ErrorChain       []failure `json:"error_chain"`

	Type, Title, Detail string
	ErrorCode           int     `json:"error_code"`
	RayID               string  `json:"ray_id"`
	RetryAfter          float64 `json:"retry_after"` // seconds

	Error json.RawMessage
}

func newFailure(body []byte) (f failure) {
	if len(body) <= maxErrorBody && json.Valid(body) {
		_ = json.Unmarshal(body, &f)
	}
	return f
}

// isProof reports whether f comes from Cloudflare, or its status is about the form of the
// request, so that it was not carried out. A proxy's page may replace a response after the work.
func (f failure) isProof(status int) bool {
	isEnvelope := f.Success == false && bytes.HasPrefix(f.Errors, []byte("["))
	isEdge := f.ErrorCode != 0 && (f.RayID != "" || strings.Contains(f.Type, ":"))
	isAboutRequest := slices.Contains([]int{407, 411, 413, 414, 417, 431}, status)
	return isEnvelope || isEdge || isAboutRequest
}

func (r *response) apiError(f failure) *APIError {
	now, seconds := time.Now(), strconv.FormatFloat(math.Ceil(f.RetryAfter), 'f', 0, 64)
	e := &APIError{
		Operation:  r.attempt.op.ID,
		Method:     r.http.Request.Method,
		Path:       r.http.Request.URL.Path,
		StatusCode: r.http.StatusCode,
		Errors:     r.errors(f),
		Messages:   r.details(f.Messages),
		RayID:      r.rayID(),
		RetryAfter: cmp.Or(retryAfter(r.http.Header.Get("Retry-After"), now), retryAfter(seconds, now)),
		Attempts:   r.attempt.n,
	}
	if u, err := r.http.Location(); err == nil && r.redirect() {
		e.RedirectHost = r.sanitize(u.Host)
	}
	// The page of a redirect repeats its URL, and an incomplete one may end in a part of a secret.
	if r.private || r.redirect() || r.readErr != nil {
		return e
	}
	// JSON may contain the value of a token.
	text := printable(pageText(string(r.body)))
	if !strings.Contains(text, "{") && strings.IndexAny(text, `["`) != 0 {
		e.Excerpt = r.sanitize(text)
	}
	return e
}

// errors returns what f says in the form of an envelope.
func (r *response) errors(f failure) []ErrorDetail {
	details := append(r.details(f.Errors), r.details(f.Error)...)
	if len(details) == 0 {
		return r.entry(f)
	}
	details[0].Code = cmp.Or(details[0].Code, wholeNumber(f.Code))
	return details
}

// details decodes a list of entries, or a single one. A bare string becomes a message.
func (r *response) details(raw json.RawMessage) (details []ErrorDetail) {
	var entries []json.RawMessage
	if len(raw) > 0 && json.Unmarshal(raw, &entries) != nil {
		entries = []json.RawMessage{raw}
	}
	for _, entry := range entries {
		f := newFailure(entry)
		if bytes.HasPrefix(entry, []byte(`"`)) {
			_ = json.Unmarshal(entry, &f.Message)
		}
		details = append(details, r.entry(f)...)
	}
	return details
}

// entry returns f as an entry, or nothing if its form is unknown.
func (r *response) entry(f failure) []ErrorDetail {
	d := ErrorDetail{
		Code:             cmp.Or(wholeNumber(f.Code), f.ErrorCode),
		Message:          r.sanitize(cmp.Or(f.Message, strings.Trim(f.Title+": "+f.Detail, ": "))),
		DocumentationURL: r.sanitize(f.DocumentationURL),
		Pointer:          r.sanitize(f.Source.Pointer),
	}
	if strings.HasPrefix(f.Type, "https://") {
		d.DocumentationURL = r.sanitize(f.Type)
	}
	for _, cause := range f.ErrorChain {
		d.Chain = append(d.Chain, r.entry(cause)...)
	}
	if d.Code == 0 && d.Message == "" && len(d.Chain) == 0 {
		return nil
	}
	return []ErrorDetail{d}
}
