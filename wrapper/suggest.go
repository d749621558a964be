package cftokens

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// suggest asks whether one of the names that are most similar to name was meant. Similar
// names share at least half of the words of name, and not only its level (Read or Write).
func suggest(name string, names iter.Seq[string], end string) string {
	words := nameWords(name)
	distances := map[string]int{}
	for other := range names {
		otherWords := nameWords(other)
		shared, isRelated := 0, false
		for _, word := range words {
			if slices.Contains(otherWords, word) {
				shared++
				isRelated = isRelated || word != "read" && word != "write"
			}
		}
		if isRelated && 2*shared >= len(words) {
			distances[other] = 2*(len(words)-shared) + len(otherWords) - shared
		}
	}
	if len(distances) == 0 {
		return ""
	}
	nearest := slices.SortedFunc(maps.Keys(distances), func(a, b string) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), strings.Compare(a, b))
	})
	return "did you mean " + alternatives(nearest[:min(len(nearest), 3)]) + end
}

func alternatives(names []string) string { return `"` + strings.Join(names, `" or "`) + `"` }

// nameWords returns the lowercase words of a name, without a plural s. The dashboard's Edit
// is the API's Write.
func nameWords(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.TrimSuffix(word, "s")
		if word == "edit" {
			words[i] = "write"
		}
	}
	return words
}
