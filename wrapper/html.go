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
		for _, name := range []string{"script", "style"} {
			if start := tag[:min(len(tag), len(name))]; strings.EqualFold(start, name) {
				_, tag, _ = strings.Cut(tag, "</"+start)
			}
		}
		_, body, _ = strings.Cut(tag, end)
	}
	return entities.Replace(text.String())
}
