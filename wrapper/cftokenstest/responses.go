package cftokenstest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Error codes. The same code has different meanings at different endpoints.
const (
	codeInvalid        = 400   // a part of the query or the body is invalid
	codeRateLimited    = 971   // too many requests
	codeUnknownToken   = 1000  // the credential, at verify
	codeRejected       = 1001  // an invalid create or update; at verify, no Authorization
	codeNotFound       = 1003  // the token in the path
	codeUnreadable     = 1198  // the body is not JSON
	codeHeaders        = 6003  // a malformed header, which the chain names
	codeAuthorization  = 6111  // the link for Authorization in that chain
	codeNoURI          = 7000  // along with codeNoRoute
	codeNoMethod       = 7001  // the path has no such method
	codeNoRoute        = 7003  // there is no such path
	codeUnknownKey     = 9103  // an unknown global API key
	codeNoCredential   = 9106  // none was sent, except to verify
	codeUnauthorized   = 9109  // the credential may not do this
	codeAuthentication = 10000 // the credential, except at verify: there it means success
)

// envelope is the body of nearly every response.
type envelope struct {
	Result     any      `json:"result"`
	Success    bool     `json:"success"`
	Errors     []detail `json:"errors"`
	Messages   []detail `json:"messages"`
	ResultInfo any      `json:"result_info,omitempty"` // a resultInfo or null
}

type detail struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Type    json.RawMessage `json:"type,omitempty"`
	Chain   []detail        `json:"error_chain,omitempty"`
}

type resultInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	TotalPages int `json:"total_pages"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
}

// response is a response that is ready to be written.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (e envelope) response(status int) *response {
	if e.Errors == nil {
		e.Errors = []detail{}
	}
	if e.Messages == nil {
		e.Messages = []detail{}
	}
	return newResponse(status, e)
}

func newResponse(status int, v any) *response {
	return &response{status: status, header: make(http.Header), body: mustEncode(v)}
}

func okResponse(result any) *response {
	return envelope{Success: true, Result: result}.response(http.StatusOK)
}

func errorResponse(status, code int, message string) *response {
	return envelope{Errors: []detail{{Code: code, Message: message}}}.response(status)
}

// write writes the response, truncated at cut as described at [Fault.TruncateAt].
func (r *response) write(w http.ResponseWriter, cut int) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(r.body)))
	header.Set("Ratelimit", `"default";r=1199;t=300`)
	header.Set("Ratelimit-Policy", `"default";q=1200;w=300`)
	for name, values := range r.header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(r.status)
	if cut == 0 || cut >= len(r.body) {
		_, _ = w.Write(r.body) // an error means that the client is gone
		return
	}
	_, _ = w.Write(r.body[:max(cut, 0)])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// formatTime formats a time as the API does. It returns "" for the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
