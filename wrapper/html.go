package cftokens

import (
	"html"
	"regexp"
)

var (
	isHTML = regexp.MustCompile(`(?i)^[\s\x{feff}]*<|<html|<!doctype`)

	// markup matches what a page does not show; its end may be missing.
	markup = regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<script\b.*?(?:</script[^>]*>|$)|<style\b.*?(?:</style[^>]*>|$)|<[a-z/!?][^>]*(?:>|$)`)
)

// pageText returns the title and the visible text of body if body is HTML, and body itself
// otherwise.
func pageText(body string) string {
	if !isHTML.MatchString(body) {
		return body
	}
	return html.UnescapeString(markup.ReplaceAllString(body, " "))
}
