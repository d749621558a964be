package cftokens

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

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
	// Twice, because unprintable characters may have split a secret.
	return s.redact(collapseSpace(s.redact(text)))
}

func (s secrets) redact(text string) string {
	for _, v := range s {
		text = redactOne(text, v.Reveal())
	}
	return text
}

// shortWord matches a secret that is redacted only as a whole word, because it may be a
// part of ordinary ones.
var shortWord = regexp.MustCompile(`^\w{1,7}$`)

func redactOne(text, value string) string {
	switch {
	case value == "" || !strings.Contains(text, value):
		return text
	case shortWord.MatchString(value):
		return regexp.MustCompile(`\b`+value+`\b`).ReplaceAllString(text, redacted)
	}
	return strings.ReplaceAll(text, value, redacted)
}

// likeValue matches what may be the value of a token. IDs are shorter.
var likeValue = regexp.MustCompile(`[A-Za-z0-9_-]{40,}`)

// sanitize returns text from the server for use in an error message.
func (r *response) sanitize(text string) string {
	if text == "" {
		return ""
	}
	s := r.secrets()
	if r.private {
		text = likeValue.ReplaceAllString(s.redact(text), redacted)
	}
	return s.sanitize(text)
}

// secrets returns the client's credential, what the transport sent in place of it or in
// addition to it, and the value in the response.
func (r *response) secrets() secrets {
	s := secrets{r.credential, r.value}
	if r.http.Request == nil {
		return s
	}
	for name, values := range r.http.Request.Header {
		if fields := strings.Fields(strings.Join(values, " ")); len(fields) > 0 && secretHeader.MatchString(name) {
			s = append(s, secret.New(fields[len(fields)-1]))
		}
	}
	return s
}

var secretHeader = regexp.MustCompile(`(?i)auth|key|secret|token|cookie`)

// hide returns err if text contains its text, and else an error with the given text that
// matches what err matches, but does not expose it.
func hide(err error, text string) error {
	if strings.Contains(text, err.Error()) {
		return err
	}
	return &hiddenError{text, err}
}

// hiddenError matches err, whose text must not be printed, with errors.Is alone:
// errors.As would expose it.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return errors.Is(e.err, target) }

// collapseSpace returns at most maxText bytes of s, in whole characters, with every run
// of white space and control characters replaced by one space.
func collapseSpace(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
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
