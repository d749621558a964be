package cftokens

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")

// isHTML reports whether body begins with a tag.
func isHTML(body string) bool {
	tag, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(body, "\ufeff")), "<")
	r, _ := utf8.DecodeRuneInString(tag)
	return ok && (unicode.IsLetter(r) || strings.ContainsRune("!?/", r))
}

// pageText returns the title and the visible text of body if body is HTML, of which the
// end may be missing, and body itself otherwise.
func pageText(body string) string {
	if !isHTML(body) {
		return body
	}
	var text strings.Builder
	for body != "" {
		before, tag, _ := strings.Cut(body, "<")
		text.WriteString(before + " ")
		end := ">"
		name := tag[:min(len(tag), len("script"))]
		switch {
		case strings.HasPrefix(tag, "!--"):
			end = "-->"
		case strings.EqualFold(name, "script"):
			end = "</" + name
		case strings.EqualFold(strings.TrimRight(name, " >"), "style"):
			end = "</" + name[:len("style")]
		}
		_, body, _ = strings.Cut(tag, end)
		if end != ">" && end != "-->" {
			_, body, _ = strings.Cut(body, ">")
		}
	}
	return entities.Replace(text.String())
}
