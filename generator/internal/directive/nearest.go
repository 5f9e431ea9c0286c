package directive

import "strings"

// Nearest returns the word that a misspelt one was probably meant to be, if any is near.
func Nearest(misspelt string, words []string) (word string, ok bool) {
	i := nearest(misspelt, words)
	if i < 0 {
		return "", false
	}
	return words[i], true
}

// nearest returns the index of the word that a misspelt one was probably meant to be, or -1 where none is near. Who has
// the letters right means that word, whatever their case.
func nearest(misspelt string, words []string) int {
	misspelt = folded(misspelt)
	best, bestDistance := -1, 1+max(1, len(misspelt)/3)
	for i, word := range words {
		if d := distance(misspelt, folded(word)); d < bestDistance {
			best, bestDistance = i, d
		}
	}
	return best
}

// folded returns a word as words are compared: without capitals, and with one kind of dash.
func folded(word string) string { return strings.ReplaceAll(strings.ToLower(word), "-", "_") }

// distance is the Damerau-Levenshtein distance with adjacent transpositions: how many letters have to be put in,
// taken out, changed or swapped with their neighbour.
func distance(a, b string) int {
	var beforePrevious []int
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+different(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], beforePrevious[j-1]+1)
			}
		}
		beforePrevious, previous = previous, current
	}
	return previous[len(b)]
}

func different(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
