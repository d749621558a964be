package cftokens

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// A body that cannot be decoded may have anything before, in and after the JSON, with
// syntax errors anywhere, so what follows does not depend on matching quotes or brackets.

// Limits on the length of a value: the document's and, for a value found by its key, a
// lower one, because the format has changed before.
const (
	minFoundValue  = 20
	minValueLength = 40
	maxValueLength = 80
)

// member is a string in a body, by its key.
type member struct {
	key, text string
	depth     int
	nested    bool // in policies or meta, which have no value of a token
}

// members returns the IDs, names, values and results in body that are strings. valid reports
// whether body is valid JSON; otherwise, quotes may not match.
func members(body []byte, valid bool) []member {
	var found []member
	depth, outside := 0, -1 // outside is the depth at which policies or meta began, or -1
	quoted, escaped := false, false
	for i, b := range body {
		if b == '"' && !escaped {
			quoted = !quoted
		}
		escaped = b == '\\' && !escaped
		switch {
		case b == '"':
			key, rest := keyBefore(body[:i]), afterColon(body[i+1:])
			switch {
			case key == "" || len(rest) == 0:
			case key == "policies" || key == "meta":
				if outside < 0 && rest[0] != '"' {
					outside = depth
				}
			case rest[0] == '"':
				found = append(found, member{key, beginning(rest), depth, outside >= 0})
			}
		case quoted && valid:
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			if depth--; depth <= outside {
				outside = -1
			}
		}
	}
	return found
}

// afterColon returns what follows a colon at the beginning of data, or nil.
func afterColon(data []byte) []byte {
	const space = " \t\r\n"
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(data, space), []byte(":"))
	if !ok {
		return nil
	}
	return bytes.TrimLeft(rest, space)
}

// beginning returns the string that data begins with, or "" if it is malformed.
func beginning(data []byte) (text string) {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			_ = json.Unmarshal(data[:i+1], &text)
			return text
		}
	}
	return ""
}

// keyBefore returns the key that data ends in if it is one that members looks for.
func keyBefore(data []byte) string {
	const longest = len("policies")
	start := len(data)
	for start > 0 && len(data)-start <= longest && (data[start-1] == '_' || unicode.IsLetter(rune(data[start-1]))) {
		start--
	}
	switch key := strings.ToLower(string(data[start:])); key {
	case "id", "name", "value", "result", "policies", "meta":
		return key
	}
	return ""
}

// findCreatedToken returns the token in body, with its ID and value alone, or nil if the
// value is not there.
func findCreatedToken(body []byte) (*CreatedToken, secret.Value) {
	valid := json.Valid(body)
	found := members(body, valid)
	best := findValue(body, valid, found, "value")
	if best.text == "" {
		return nil, secret.Value{}
	}
	t := &CreatedToken{Value: secret.New(best.text)}
	for _, m := range found {
		if m.key == "id" && m.depth == best.depth && m.nested == best.nested && checkID(m.text) == nil {
			t.ID = m.text
		}
		if m == best && t.ID != "" {
			break // the ID before the value is that of the same token
		}
	}
	return t, t.Value
}

// findRolledValue is like findCreatedToken for a result that is the value itself.
func findRolledValue(body []byte) (*secret.Value, secret.Value) {
	valid := json.Valid(body)
	best := findValue(body, valid, members(body, valid), "result", "value")
	if best.text == "" {
		return nil, secret.Value{}
	}
	v := secret.New(best.text)
	return &v, v
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// findValue returns the value under one of the keys: the least deep one, or else the
// longest. If there is none, because a key is damaged, it returns what has the form of a
// value.
func findValue(body []byte, valid bool, found []member, keys ...string) (best member) {
	other := map[string]bool{} // of other properties
	for _, m := range found {
		switch {
		case m.key == "name" || m.nested && valid:
			other[m.text] = true
		case !slices.Contains(keys, m.key) || len(m.text) < minFoundValue || strings.ContainsFunc(m.text, notVisible):
		case best.text == "" || best.nested && !m.nested,
			m.nested == best.nested && (m.depth < best.depth || m.depth == best.depth && len(m.text) > len(best.text)):
			best = m
		}
	}
	if best.text != "" || !isEnvelope(body) {
		return best
	}
	for text := range longRuns(string(body)) {
		isHex := strings.Trim(text, "0123456789abcdefABCDEF") == ""
		isCut := bytes.HasSuffix(body, []byte(text)) // the rest may not have arrived
		if len(text) <= maxValueLength && len(text) > len(best.text) && !isHex && !isCut && !other[text] {
			best.text = text
		}
	}
	return best
}

// isEnvelope reports whether body resembles an envelope, other than that of a failure.
func isEnvelope(body []byte) bool {
	words := 0
	for _, word := range []string{"success", "errors", "messages", "result", "policies"} {
		if bytes.Contains(bytes.ToLower(body), []byte(word)) {
			words++
		}
	}
	return words >= 2 && newFailure(body).Success != false
}
