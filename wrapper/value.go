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
// syntax errors anywhere, so the search for a value makes do with keys and brackets.

// Limits on the length of a value.
const (
	minFoundValue  = 20 // if it is found by its key, because the format has changed before
	minValueLength = 40
	maxValueLength = 80
)

// member is a string in a body, by its key.
type member struct {
	key, text string
	object    int // in which it is
	depth     int
	nested    bool // in a property that has no value of a token
}

// isOther reports whether a property contains no value of a token.
func isOther(key string) bool {
	return slices.Contains([]string{"errors", "messages", "meta", "policies"}, key)
}

// members returns the IDs, names, values and results in body that are strings. valid reports
// whether body is valid JSON; otherwise, quotes may not match.
func members(body []byte, valid bool) []member {
	const maxIDs = 1000 // of other objects
	var found []member
	objects, n, outside := []int{0}, 0, -1 // outside is the depth at which another property began, or -1
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
			case isOther(key):
				if outside < 0 && rest[0] != '"' {
					outside = len(objects)
				}
			case rest[0] == '"' && (key != "id" || len(found) < maxIDs):
				object := objects[len(objects)-1]
				found = append(found, member{key, beginning(rest), object, len(objects), outside >= 0})
			}
		case quoted && valid:
		case b == '{' || b == '[':
			n++
			objects = append(objects, n)
		case b == '}' || b == ']':
			objects = objects[:max(len(objects)-1, 1)]
			if len(objects) <= outside {
				outside = -1
			}
		}
	}
	return found
}

func notInKey(r rune) bool { return r != '_' && !unicode.IsLetter(r) }

// afterColon returns what follows a colon at the beginning of data, or nil.
func afterColon(data []byte) []byte {
	const space = " \t\r\n"
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(data, space), []byte(":"))
	if !ok {
		return nil
	}
	return bytes.TrimLeft(rest, space)
}

// beginning returns the string that data begins with, or "" if it is malformed or long.
func beginning(data []byte) (text string) {
	_ = json.NewDecoder(bytes.NewReader(data[:min(len(data), maxText)])).Decode(&text)
	return text
}

// keyBefore returns the key that data ends in if it is one that members looks for.
func keyBefore(data []byte) string {
	end := data[max(len(data)-len("policies")-1, 0):]
	key := strings.ToLower(string(end[bytes.LastIndexFunc(end, notInKey)+1:]))
	if isOther(key) || slices.Contains([]string{"id", "name", "value", "result"}, key) {
		return key
	}
	return ""
}

// findCreatedToken returns the token in body, with its ID and value alone. Its name may look
// like a value. Without success, a value without an ID may be something else.
func findCreatedToken(body []byte, name string, success bool) (t *CreatedToken, value secret.Value, guess bool) {
	all, best, guess := findValue(body, name, "value")
	if best.text == "" {
		return nil, value, false
	}
	t = &CreatedToken{Value: secret.New(best.text)}
	for _, m := range all {
		if m.key == "id" && m.object == best.object && !guess && t.ID == "" && checkID(m.text) == nil {
			t.ID = m.text
		}
	}
	return t, t.Value, guess || !success && t.ID == ""
}

// findRolledValue is like findCreatedToken for a result that is the value itself.
func findRolledValue(body []byte, success bool) (result *secret.Value, value secret.Value, guess bool) {
	_, best, guess := findValue(body, "", "result", "value")
	if best.text == "" {
		return nil, value, false
	}
	value = secret.New(best.text)
	return &value, value, guess || !success
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// findValue returns the value under one of the keys: the shallowest, or else the longest. If
// there is none, because a key is damaged, it guesses. It also returns all members.
func findValue(body []byte, name string, keys ...string) (all []member, best member, guess bool) {
	valid := json.Valid(body)
	all = members(body, valid)
	for _, m := range all {
		switch {
		case !slices.Contains(keys, m.key) || len(m.text) < minFoundValue || strings.ContainsFunc(m.text, notVisible):
		case m.nested && valid, !valid && strings.ContainsFunc(m.text, notInToken):
		case best.text == "" || best.nested && !m.nested,
			m.nested == best.nested && (m.depth < best.depth || m.depth == best.depth && len(m.text) > len(best.text)):
			best = m
		}
	}
	if best.text != "" {
		return all, best, false
	}
	if plain := strings.ReplaceAll(entities.Replace(string(body)), `\"`, `"`); plain != string(body) {
		return findValue([]byte(plain), name, keys...) // JSON in a string or in HTML
	}
	best.text = guessValue(body, name, all)
	return all, best, best.text != ""
}

// guessValue returns the only text in body that has the form of a value, if body resembles
// an envelope, or "".
func guessValue(body []byte, name string, all []member) (guess string) {
	words := 0
	lower := bytes.ToLower(body)
	for _, word := range []string{"success", "errors", "messages", "result", "status", "issued_on", "policies", "permission_groups", "effect"} {
		if bytes.Contains(lower, []byte(`"`+word)) {
			words++
		}
	}
	if words < 2 || newFailure(body).Success == false || isHTML(string(body)) {
		return ""
	}
	known := map[string]bool{}
	for _, m := range all {
		known[m.text] = true
	}
	for text := range longRuns(string(body)) {
		isHex := strings.Trim(text, "0123456789abcdefABCDEF") == ""
		isCut := bytes.HasSuffix(body, []byte(text)) // the rest may not have arrived
		isKnown := strings.Contains(name, text) || known[text]
		switch {
		case len(text) > maxValueLength || isHex || isCut || isKnown || text == guess:
		case guess != "":
			return "" // which one is unknown
		default:
			guess = text
		}
	}
	return guess
}
