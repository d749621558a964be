package cftokens

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

const (
	maxText  = 512     // bytes of one text of a server or a transport in an error
	maxError = 4 << 10 // bytes of an error
)

const redacted = "[redacted]"

// secrets are what must not appear in errors.
type secrets []secret.Value

// sanitize returns text from a server or a transport for use in an error: printable, on
// one line, at most maxText bytes, and without the secrets.
func (s secrets) sanitize(text string) string {
	// Twice, because zero-width characters may have split a secret.
	return s.redact(collapseSpace(s.redact(text)))
}

func (s secrets) redact(text string) string {
	for _, v := range s {
		text = redactOne(text, v.Reveal())
	}
	return text
}

// shortSecret is the length below which a secret is redacted only as a whole word, because
// it may be a part of ordinary ones.
const shortSecret = 8

func redactOne(text, value string) string {
	switch {
	case value == "" || !strings.Contains(text, value):
		return text
	case len(value) >= shortSecret:
		return strings.ReplaceAll(text, value, redacted)
	}
	parts := strings.Split(text, value)
	for i, part := range parts[1:] {
		before, _ := utf8.DecodeLastRuneInString(parts[i])
		after, _ := utf8.DecodeRuneInString(part)
		if isTokenRune(before) || isTokenRune(after) {
			parts[i] += value
		} else {
			parts[i] += redacted
		}
	}
	return strings.Join(parts, "")
}

// isTokenRune reports whether r may be in the value of a token, or in a word.
func isTokenRune(r rune) bool {
	return r == '-' || r == '_' || r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// longRuns yields the runs of characters that are as long as a value. IDs are shorter.
func longRuns(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isTokenRune(r) }) {
			if len(run) >= minValueLength && !yield(run) {
				return
			}
		}
	}
}

// redactRuns redacts what is as long as a value.
func redactRuns(text string) string {
	var b strings.Builder
	for run := range longRuns(text) {
		before, after, _ := strings.Cut(text, run)
		b.WriteString(before + redacted)
		text = after
	}
	return b.String() + text
}

func (c *Client) sanitize(text string) string { return secrets{c.credential}.sanitize(text) }

// sanitize returns text from the server for use in an error.
func (r *response) sanitize(text string) string {
	switch {
	case text == "":
		return ""
	case r.secrets == nil:
		r.secrets = r.sentSecrets()
	}
	if r.private {
		text = redactRuns(r.secrets.redact(text))
	}
	return r.secrets.sanitize(text)
}

// sentSecrets returns the client's credential, and any other credentials in the headers
// that were sent.
func (r *response) sentSecrets() secrets {
	s := secrets{r.attempt.client.credential}
	for name, values := range r.http.Request.Header {
		if !slices.ContainsFunc(secretHeaders, func(word string) bool { return strings.Contains(strings.ToLower(name), word) }) {
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

// secretHeaders are words in the names of headers that contain a secret.
var secretHeaders = []string{"auth", "key", "secret", "token", "cookie"}

// hiddenError matches err, whose text must not be printed, with errors.Is alone.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return errors.Is(e.err, target) }

// collapseSpace returns at most maxText bytes of s without zero-width characters, and with
// every run of white space and control characters replaced by one space.
func collapseSpace(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if unicode.Is(unicode.Cf, r) {
			continue
		}
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			gap = b.Len() > 0
			continue
		}
		size := len(string(r))
		if gap {
			size++
		}
		if b.Len()+size > maxText {
			break
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
