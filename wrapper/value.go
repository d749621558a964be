package cftokens

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Limits on the length of a value.
const (
	minFoundValue  = 20 // if it is found by its key, because the format has changed before
	minValueLength = 40
	maxValueLength = 80
)

// object is a JSON object or array.
type object struct {
	parent *object
	depth  int
	other  bool // in a property that has no value of a token
	id     string
}

// quoted is what is between two quotes in a body.
type quoted struct {
	text string
	key  string // in lower case; "" if text does not follow a key and a colon
	in   *object
}

// allQuoted yields what is between quotes in body. If exact is not set, there may be syntax
// errors anywhere, so that quotes do not match, and anything before, in and after the JSON.
func allQuoted(body string, exact bool) iter.Seq[quoted] {
	return func(yield func(quoted) bool) {
		in := new(object)
		key, colon, text := "", "", "" // what is before next
		isString := true               // of next, if quotes match
		for next := range strings.SplitSeq(body, `"`) {
			next = strings.TrimRight(next, `\`) // JSON may be in a string
			q := quoted{text: text, in: in}
			if strings.TrimSpace(colon) == ":" {
				q.key = lastWord(key)
			}
			if !yield(q) {
				return
			}
			isString = !isString
			between := strings.TrimSpace(next)
			if exact && !isString || !exact && strings.IndexAny(between, ":,{}[]") == 0 {
				in = in.after(between, strings.HasPrefix(between, ":") && isOther(lastWord(text)))
			}
			key, colon, text = colon, text, next
		}
	}
}

// after returns the object after the brackets in text. other reports whether the first one
// begins a property that has no value of a token.
func (o *object) after(text string, other bool) *object {
	const maxDepth = 10_000 // as in encoding/json
	for _, b := range text {
		switch {
		case (b == '{' || b == '[') && o.depth < maxDepth:
			o = &object{parent: o, depth: o.depth + 1, other: o.other || other}
			other = false
		case (b == '}' || b == ']') && o.parent != nil:
			o = o.parent
		}
	}
	return o
}

// isOther reports whether a property has no value of a token.
func isOther(key string) bool {
	return slices.Contains([]string{"errors", "messages", "meta", "policies"}, key)
}

// lastWord returns the word at the end of text, in lower case.
func lastWord(text string) string {
	return strings.ToLower(text[strings.LastIndexFunc(text, notInWord)+1:])
}

// findValue returns a token with the value in a body that cannot be decoded, and its ID, if
// they are found. The value is under the key "value", or "result" if rolled. If a key is
// damaged, it is recognized by its form. guess reports whether it may be something else.
func findValue(body []byte, success, rolled bool) (t CreatedToken, guess bool) {
	text := entities.Replace(string(body)) // JSON may be in HTML
	exact := json.Valid([]byte(text)) && !strings.Contains(text, `\"`)
	notInValue := notVisible
	if !exact {
		notInValue = notInToken // a missing quote may add to a string
	}
	isEnvelope := false
	var byKey, byForm []quoted
	for q := range allQuoted(text, exact) {
		isEnvelope = isEnvelope || slices.Contains([]string{"success", "errors", "messages", "result", "policies"}, q.text)
		if strings.Contains(q.text, `\`) {
			_ = json.Unmarshal([]byte(`"`+q.text+`"`), &q.text)
		}
		switch {
		case q.key == "id":
			if q.in.id == "" && checkID(q.text) == nil {
				q.in.id = q.text
			}
		case q.key == "name" || len(q.text) < minFoundValue || q.in.other && exact:
		case (q.key == "value" || q.key == "result" && rolled) && !strings.ContainsFunc(q.text, notInValue):
			byKey = append(byKey, q)
		case hasValueForm(strings.TrimFunc(q.text, notInWord)): // a quote may be missing
			byForm = append(byForm, q)
		}
	}
	switch {
	case len(byKey) > 0:
		value := slices.MinFunc(byKey, likelierFirst)
		t.Value, t.ID = secret.New(value.text), value.in.id
		return t, !success && (rolled || t.ID == "") || value.in.depth > 4 // of a permission group
	case len(byForm) > 0 && isEnvelope && newFailure(body).Success != false:
		t.Value = secret.New(strings.TrimFunc(slices.MinFunc(byForm, likelierFirst).text, notInWord))
		return t, true
	}
	return t, false
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// hasValueForm reports whether text looks like a value. Hashes and IDs are hexadecimal.
func hasValueForm(text string) bool {
	return len(text) >= minValueLength && len(text) <= maxValueLength && !strings.ContainsFunc(text, notInWord) &&
		strings.Trim(text, "0123456789abcdefABCDEF") != ""
}

// likelierFirst compares by depth: the least deep one, or else the longest, is the value.
func likelierFirst(a, b quoted) int { return cmp.Or(a.in.depth-b.in.depth, len(b.text)-len(a.text)) }
