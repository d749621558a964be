package cftokenstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cftokens/cftokens-go/gen"
)

// object is a JSON object as it was sent. It is decoded without the client's types, so that
// errors in these are detected.
type object map[string]json.RawMessage

var null = []byte("null")

func invalid(message string) *response {
	return errorResponse(http.StatusBadRequest, codeInvalid, message)
}

// rejected rejects a create or an update for a reason that its message tells.
func rejected(message string) *response {
	return errorResponse(http.StatusBadRequest, codeRejected, message)
}

// notAllowed rejects a value that openapi.yaml does not list, or that cannot be sent.
func notAllowed(name, value string) *response {
	return invalid(fmt.Sprintf("%s must not be %q", name, value))
}

// readBody reads the body of a request.
func readBody(body []byte) (object, *response) {
	var in object
	var syntax *json.SyntaxError
	err := json.Unmarshal(body, &in)
	switch {
	case errors.As(err, &syntax):
		return nil, errorResponse(http.StatusBadRequest, codeUnreadable, "The request's body is not JSON: "+err.Error())
	case err != nil || in == nil:
		return nil, invalid("the body must be an object")
	}
	return in, nil
}

// read decodes a property into v. It reports whether the property is there. The API
// does not accept null.
func (in object) read(name, path, kind string, v any) (bool, *response) {
	raw, ok := in[name]
	if !ok {
		return false, nil
	}
	if bytes.Equal(raw, null) || json.Unmarshal(raw, v) != nil {
		return true, invalid(path + " must be " + kind)
	}
	return true, nil
}

func (in object) readName() (name string, problem *response) {
	if _, problem := in.read("name", "name", "a string", &name); problem != nil {
		return "", problem
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > 120 {
		return "", invalid("name must have a length between 1 and 120")
	}
	return name, nil
}

func (in object) readStatus(status *string) *response {
	var sent string
	ok, problem := in.read("status", "status", "a string", &sent)
	if problem != nil || !ok {
		return problem
	}
	switch gen.TokenStatus(sent) {
	case gen.TokenStatusActive, gen.TokenStatusDisabled, gen.TokenStatusExpired: // documented; only Cloudflare sets others
		*status = sent
		return nil
	default:
		return notAllowed("status", sent)
	}
}

// readTime reads a time. Null clears it.
func (in object) readTime(name string, t *time.Time) *response {
	raw, ok := in[name]
	if !ok {
		return nil
	}
	if bytes.Equal(raw, null) {
		*t = time.Time{}
		return nil
	}
	parsed, err := parseTime(raw)
	if err != nil {
		return invalid(name + " must be a date and time as in RFC 3339")
	}
	*t = parsed
	return nil
}

func parseTime(raw json.RawMessage) (time.Time, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.Truncate(time.Second).UTC(), err
}

// pageQuery is the page that a request asks for.
type pageQuery struct{ page, perPage int }

// readPage reads page and per_page. The documented range of per_page, 5 to 50, is not
// enforced (observed).
func readPage(query url.Values) (q pageQuery, problem *response) {
	if q.page, problem = readNumber(query, "page", 1); problem != nil {
		return q, problem
	}
	q.perPage, problem = readNumber(query, "per_page", 20)
	return q, problem
}

// readNumber reads a number from 1. The reference says "number", so it may be written as
// 2.0.
func readNumber(query url.Values, name string, def int) (int, *response) {
	if !query.Has(name) {
		return def, nil
	}
	n, err := strconv.ParseFloat(query.Get(name), 64)
	if err != nil || !(n >= 1) {
		return 0, invalid(name + " must be a number from 1")
	}
	return int(min(n, math.MaxInt32)), nil
}

// readBool reads true or false, which is the default.
func readBool(query url.Values, name string) (bool, *response) {
	value := query.Get(name)
	if query.Has(name) && value != "true" && value != "false" {
		return false, notAllowed(name, value)
	}
	return value == "true", nil
}

// readDirection reports whether the query asks for the descending order.
func readDirection(query url.Values) (descending bool, problem *response) {
	direction := gen.Direction(query.Get("direction"))
	if query.Has("direction") && !direction.Valid() {
		return false, notAllowed("direction", string(direction))
	}
	return direction == gen.DirectionDesc, nil
}

// bounds returns the first index of the page in a list of n items, and the one after
// the last.
func (q pageQuery) bounds(n int) (from, to int) {
	if q.page-1 > n/q.perPage {
		return n, n
	}
	from = min((q.page-1)*q.perPage, n)
	return from, min(from+q.perPage, n)
}

func (q pageQuery) info(count, total int) *resultInfo {
	return &resultInfo{
		Page: q.page, PerPage: q.perPage, Count: count, TotalCount: total,
		TotalPages: (total + q.perPage - 1) / q.perPage,
	}
}
