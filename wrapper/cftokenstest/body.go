package cftokenstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

// properties is a JSON object as it was sent. It is read without the client's types, so
// that an error in these shows.
type properties map[string]json.RawMessage

var null = []byte("null")

func invalid(message string) *response {
	return errorResponse(http.StatusBadRequest, codeInvalid, message)
}

// readBody reads the body of a request.
func readBody(body []byte) (properties, *response) {
	var in properties
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
func (in properties) read(name, path, kind string, v any) (bool, *response) {
	raw, ok := in[name]
	if !ok {
		return false, nil
	}
	if bytes.Equal(raw, null) || json.Unmarshal(raw, v) != nil {
		return true, invalid(path + " must be " + kind)
	}
	return true, nil
}

func (in properties) readName() (name string, problem *response) {
	if _, problem := in.read("name", "name", "a string", &name); problem != nil {
		return "", problem
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > 120 {
		return "", invalid("name must have a length between 1 and 120")
	}
	return name, nil
}

func (in properties) readStatus(status *string) *response {
	var sent string
	ok, problem := in.read("status", "status", "a string", &sent)
	switch {
	case problem != nil || !ok:
		return problem
	case !slices.Contains([]string{statusActive, statusDisabled, statusExpired}, sent):
		return invalid("status must be one of active, disabled, expired")
	}
	*status = sent
	return nil
}

// readTime reads a time. Null clears it.
func (in properties) readTime(name string, t *time.Time) *response {
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
