package cftokens

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// A body that cannot be decoded may have anything before, in and after the JSON, with
// syntax errors anywhere, so what follows does not depend on matching quotes or brackets.
var (
	// afterKey matches what follows the key of a string without spaces, or of an object or a
	// list.
	afterKey = regexp.MustCompile(`^\s*:\s*(?:"((?:[^"\\\s]|\\.)+)"|[\[{])`)

	// shape matches what has the form of a value, in an envelope whose keys are damaged.
	shape    = regexp.MustCompile(`[A-Za-z0-9_-]{40,}`)
	envelops = regexp.MustCompile(`(?i)success|errors|messages|result|policies`)
	hexOnly  = regexp.MustCompile(`^[0-9A-Fa-f]*$`)
)

// Limits on the length of a value: a low one for a value found by its key, because the
// format has changed before, and the document's for one found by its shape.
const (
	minValue      = 20
	maxShapeValue = 80
)

// member is a string in a body, by its key.
type member struct {
	key, text string
	depth     int
	nested    bool // in policies or meta, which have no value of a token
}

// members returns the IDs, values and results in body that are strings.
func members(body []byte) []member {
	var found []member
	depth, outside := 0, -1 // outside is the depth at which policies or meta began, or -1
	for i, b := range body {
		switch b {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= outside {
				outside = -1
			}
		case '"':
			key := keyBefore(body[:i])
			if key == "" {
				continue
			}
			m := afterKey.FindSubmatch(body[i+1:])
			var text string
			switch {
			case m == nil:
			case key == "policies" || key == "meta":
				if outside < 0 && m[1] == nil {
					outside = depth
				}
			case m[1] != nil && json.Unmarshal([]byte(`"`+string(m[1])+`"`), &text) == nil:
				found = append(found, member{key, text, depth, outside >= 0})
			}
		}
	}
	return found
}

// keyBefore returns the key that data ends in if it is one that members looks for.
func keyBefore(data []byte) string {
	const longest = len("policies")
	start := len(data)
	for start > 0 && len(data)-start <= longest && (data[start-1] == '_' || unicode.IsLetter(rune(data[start-1]))) {
		start--
	}
	switch key := strings.ToLower(string(data[start:])); key {
	case "id", "value", "result", "policies", "meta":
		return key
	}
	return ""
}

// findCreatedToken returns the token in body, with its ID and value alone, or nil if the
// value is not there.
func findCreatedToken(body []byte) (*CreatedToken, secret.Value) {
	found := members(body)
	best := findValue(body, found, "value")
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
	best := findValue(body, members(body), "result", "value")
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
func findValue(body []byte, found []member, keys ...string) (best member) {
	valid := json.Valid(body)
	other := map[string]bool{} // values of other properties
	for _, m := range found {
		switch {
		case !slices.Contains(keys, m.key) || len(m.text) < minValue || strings.ContainsFunc(m.text, notVisible):
		case m.nested && valid:
			other[m.text] = true
		case best.text == "" || best.nested && !m.nested,
			m.nested == best.nested && (m.depth < best.depth || m.depth == best.depth && len(m.text) > len(best.text)):
			best = m
		}
	}
	if best.text != "" || len(envelops.FindAll(body, 2)) < 2 || newFailure(body).Success == false {
		return best
	}
	for _, at := range shape.FindAllIndex(body, -1) {
		text := string(body[at[0]:at[1]])
		isName := bytes.HasSuffix(body[:at[0]], []byte(`"name":"`))
		isCut := at[1] == len(body) // the rest may not have arrived
		if len(text) <= maxShapeValue && len(text) > len(best.text) && !isName && !isCut && !other[text] && !hexOnly.MatchString(text) {
			best.text = text
		}
	}
	return best
}
