package cftokens

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

const (
	maxText     = 512     // bytes of one text of a server or a transport in an error
	maxError    = 4 << 10 // bytes of an error
	shortSecret = 8       // length below which a secret may be a part of an ordinary word
	redacted    = "[redacted]"
)

// secrets are what must not appear in errors.
type secrets []secret.Value

// sanitize returns text from a server or a transport for use in an error: printable, on
// one line, at most maxText bytes, and without the secrets.
func (s secrets) sanitize(text string) string {
	text = s.redact(printable(text))
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}

func (s secrets) redact(text string) string {
	for _, v := range s {
		value := v.Reveal()
		if len(value) >= shortSecret || strings.ContainsFunc(value, notInWord) {
			text = strings.ReplaceAll(text, value, redacted)
		} else {
			text = redactWords(text, func(word string) bool { return word == value })
		}
	}
	return text
}

// redactWords redacts the words that are secrets.
func redactWords(text string, isSecret func(string) bool) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(text, notInWord) {
		before, after, _ := strings.Cut(text, word)
		if isSecret(word) {
			word = redacted
		}
		b.WriteString(before + word)
		text = after
	}
	return b.String() + text
}

// notInWord reports whether r cannot be in a word, an ID or the value of a token.
func notInWord(r rune) bool {
	return r > unicode.MaxASCII || r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// printable returns text without zero-width characters, and with every run of white space and
// control characters replaced by one space.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

func (c *Client) sanitize(text string) string { return secrets{c.credential}.sanitize(text) }

// sanitize returns text from the server for use in an error.
func (r *response) sanitize(text string) string {
	if r.secrets == nil {
		r.secrets = r.sentSecrets()
	}
	if r.private { // whatever is as long as a value may be one
		text = redactWords(printable(text), func(word string) bool { return len(word) >= minValueLength })
	}
	return r.secrets.sanitize(text)
}

// sentSecrets returns the client's credential, and any other credentials in the headers
// that were sent.
func (r *response) sentSecrets() secrets {
	s := secrets{r.attempt.client.credential}
	for name, values := range r.http.Request.Header {
		name = strings.ToLower(name)
		isSecret := func(word string) bool { return strings.Contains(name, word) }
		if !slices.ContainsFunc([]string{"auth", "key", "secret", "token", "cookie"}, isSecret) {
			continue
		}
		for part := range strings.FieldsFuncSeq(strings.Join(values, " "), func(r rune) bool { return strings.ContainsRune(" ;,=", r) }) {
			if len(part) >= shortSecret {
				s = append(s, secret.New(part))
			}
		}
	}
	return s
}

// hiddenError matches err, whose text must not be printed, with errors.Is alone.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return errors.Is(e.err, target) }
