package model

import (
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// didYouMean completes a message about an unknown name by the known one that it was probably meant to be, or by all
// that there are.
func didYouMean(misspelt string, known []string) string {
	if name, ok := directive.Nearest(misspelt, known); ok {
		return "; did you mean " + name + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "; there is " + strings.Join(known, ", ")
}
