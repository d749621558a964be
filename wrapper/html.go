package cftokens

import "strings"

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")

// pageText returns the title and the visible text of body if body is HTML, of which the
// end may be missing, and body itself otherwise.
func pageText(body string) string {
	if !strings.HasPrefix(strings.TrimSpace(body), "<") {
		return body
	}
	var text strings.Builder
	for body != "" {
		before, tag, _ := strings.Cut(body, "<")
		text.WriteString(before + " ")
		end := ">"
		if strings.HasPrefix(tag, "!--") {
			end = "-->"
		}
		start := tag[:min(len(tag), len("script "))]
		name := start[:strings.IndexAny(start+">", " \t\r\n/>")]
		if strings.EqualFold(name, "script") || strings.EqualFold(name, "style") {
			_, tag, _ = strings.Cut(tag, "</"+name)
		}
		_, body, _ = strings.Cut(tag, end)
	}
	return entities.Replace(text.String())
}
