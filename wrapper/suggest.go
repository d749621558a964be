package cftokens

import (
	"cmp"
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
	type suggestion struct {
		name     string
		distance int
	}
	var near []suggestion
	words, level := splitName(name)
	for _, other := range names {
		otherWords, otherLevel := splitName(other)
		missing, edits := compareWords(words, otherWords)
		if missing == len(words) || missing > len(words)/2 {
			continue
		}
		extra := max(len(otherWords)-(len(words)-missing), 0)
		distance := 4*missing + 2*extra + 2*edits
		if level != otherLevel {
			distance++
		}
		near = append(near, suggestion{other, distance})
	}
	slices.SortFunc(near, func(a, b suggestion) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.name, b.name))
	})
	nearest := make([]string, min(len(near), maxSuggestions))
	for i := range nearest {
		nearest[i] = near[i].name
	}
	return nearest
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

// compareWords returns how many words have no counterpart in others, and the number of
// typos in the rest.
func compareWords(words, others []string) (missing, edits int) {
	for _, word := range words {
		tolerated := max(len(word)/3, 1)
		best := tolerated + 1
		for _, other := range others {
			if longer := max(len(word)-len(other), len(other)-len(word)); longer <= tolerated {
				best = min(best, editDistance(word, other))
			}
		}
		if best > tolerated {
			missing++
		} else {
			edits += best
		}
	}
	return missing, edits
}

// editDistance returns how many bytes must be inserted, deleted, replaced, or swapped
// with their neighbor, to turn a into b.
func editDistance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := d[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
