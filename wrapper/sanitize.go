package cftokens

import (
	"strings"
	"unicode"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

const maxExcerpt = 512 // bytes

// sanitize makes s printable and redacts the credential.
func sanitize(s string, credential secret.Value) string {
	// Twice, because unprintable characters may have split the credential.
	return redact(collapseSpace(redact(s, credential)), credential)
}

func redact(s string, credential secret.Value) string {
	if credential.IsZero() {
		return s
	}
	return strings.ReplaceAll(s, credential.Reveal(), "[redacted]")
}

// collapseSpace returns at most maxExcerpt bytes of s, in whole characters, with every run
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
		if b.Len()+size > maxExcerpt {
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
