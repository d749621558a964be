package cftokens

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
)

const (
	maxSuggestions = 3
	maxCompared    = 200 // bytes of each name
)

// suggest asks whether one of the names that are most similar to name was meant, if there
// are any. Names are similar if they share at least half of the words of name.
func suggest(name string, names iter.Seq[string], end string) string {
	words, level := splitName(name)
	distances := map[string]int{}
	for other := range names {
		otherWords, otherLevel := splitName(other)
		shared := 0
		for _, word := range words {
			if slices.Contains(otherWords, word) {
				shared++
			}
		}
		if shared == 0 || 2*shared < len(words) {
			continue
		}
		distances[other] = 4*(len(words)-shared) + 2*(len(otherWords)-shared)
		if level != otherLevel {
			distances[other]++
		}
	}
	if len(distances) == 0 {
		return ""
	}
	nearest := slices.SortedFunc(maps.Keys(distances), func(a, b string) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), strings.Compare(a, b))
	})
	nearest = nearest[:min(len(nearest), maxSuggestions)]
	return "did you mean " + alternatives(nearest) + end
}

func alternatives(names []string) string { return `"` + strings.Join(names, `" or "`) + `"` }

// splitName splits the beginning of a name into its lowercase words, without a plural s,
// and its level. The dashboard's Edit is the API's Write.
func splitName(name string) (words []string, level string) {
	name = strings.ToLower(name[:min(len(name), maxCompared)])
	isSeparator := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for word := range strings.FieldsFuncSeq(name, isSeparator) {
		switch word {
		case "edit", "write":
			level = "write"
		case "read":
			level = "read"
		default:
			words = append(words, strings.TrimSuffix(word, "s"))
		}
	}
	return words, level
}
