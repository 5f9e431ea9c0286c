package model

import (
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// didYouMean completes a message about an unknown name by the known one that it was probably meant to be, or by all
// that there are.
func didYouMean(misspelt string, known []string) string {
	lower := make([]string, len(known))
	for i := range known {
		lower[i] = strings.ToLower(known[i])
	}
	if name, ok := directive.Nearest(misspelt, lower); ok {
		return "; did you mean " + known[slices.Index(lower, name)] + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "; there is " + strings.Join(known, ", ")
}
