package cftokens

import (
	"html"
	"slices"
	"strings"
	"unicode"
)

// tagStart are the characters that make a preceding "<" begin a tag.
const tagStart = "/!?abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// inlineTags do not separate words.
var inlineTags = []string{"a", "b", "code", "em", "font", "i", "s", "small", "span", "strong", "tt", "u", "wbr"}

// pageText returns the title and the visible text of body if body is HTML, of which the
// end may be missing, and body itself otherwise. It joins what tags and entities separate,
// so secrets must be redacted from the result.
func pageText(body string) string {
	page := strings.TrimLeftFunc(body, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	if !strings.HasPrefix(page, "<") && indexFold(page, "<html") < 0 && indexFold(page, "<!doctype") < 0 {
		return body
	}
	var text strings.Builder
	for more := true; more; {
		var before, tag string
		before, page, more = strings.Cut(page, "<")
		text.WriteString(before)
		switch {
		case page == "":
			continue
		case strings.HasPrefix(page, "!--"):
			_, page, more = strings.Cut(page[1:], "-->") // <!--> is a comment, too
			continue
		case !strings.ContainsAny(page[:1], tagStart):
			text.WriteByte('<')
			continue
		}
		tag, page, more = strings.Cut(page, ">")
		name := tagName(tag)
		if !slices.Contains(inlineTags, strings.TrimPrefix(name, "/")) {
			text.WriteByte(' ')
		}
		if name == "script" || name == "style" {
			end := indexFold(page, "</"+name)
			if end < 0 {
				break
			}
			page = page[end:]
		}
	}
	return html.UnescapeString(text.String())
}

// tagName returns the name of a tag in lower case, with a slash before that of an end tag.
func tagName(tag string) string {
	end := strings.IndexFunc(tag, func(r rune) bool { return r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end >= 0 {
		tag = tag[:end]
	}
	return strings.ToLower(strings.TrimSuffix(tag, "/"))
}

// indexFold returns the index of the first instance of tag in s, ignoring case, or -1.
// Tag begins with "<".
func indexFold(s, tag string) int {
	for i := 0; i+len(tag) <= len(s); i++ {
		if s[i] == '<' && strings.EqualFold(s[i:i+len(tag)], tag) {
			return i
		}
	}
	return -1
}
