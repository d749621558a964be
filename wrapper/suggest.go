package cftokens

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
)

const (
	maxSuggestions = 3
	maxCompared    = 200 // bytes of each name
)

// suggest returns the names most similar to name, most similar first. Shared words count
// most, then the same level (Read or Write). The dashboard's Edit is the API's Write.
func suggest(name string, names []string) []string {
	words, level := splitName(name)
	distances := map[string]int{}
	for _, other := range names {
		otherWords, otherLevel := splitName(other)
		shared, endings := 0, 0
		for _, word := range words {
			switch {
			case slices.Contains(otherWords, word):
				shared++
			case slices.ContainsFunc(otherWords, func(o string) bool { return isSimilar(word, o) }):
				shared++
				endings++
			}
		}
		if shared == 0 || 2*shared < len(words) {
			continue
		}
		distances[other] = 4*(len(words)-shared) + 2*max(len(otherWords)-shared, 0) + 2*endings
		if level != otherLevel {
			distances[other]++
		}
	}
	near := slices.SortedFunc(maps.Keys(distances), func(a, b string) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), strings.Compare(a, b))
	})
	return near[:min(len(near), maxSuggestions)]
}

// isSimilar reports whether two words are the same but for an ending, such as a plural.
func isSimilar(a, b string) bool {
	return (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) && max(len(a)-len(b), len(b)-len(a)) <= 2
}

// splitName splits the beginning of a name into its lowercase words and its level.
func splitName(name string) (words []string, level string) {
	name = strings.ToLower(name[:min(len(name), maxCompared)])
	words = strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	words = slices.DeleteFunc(words, func(word string) bool {
		switch word {
		case "edit", "write":
			level = "write"
		case "read":
			level = "read"
		default:
			return false
		}
		return true
	})
	return words, level
}
