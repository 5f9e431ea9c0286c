package model

import "strings"

// element is one element of a list, and how far into the value it starts.
type element struct {
	text   string
	offset int
}

// splitList splits a value at the commas that stand in no bracket and in no string.
func splitList(value string) []element {
	var elements []element
	start, depth, quote := 0, 0, rune(0)
	for i, r := range value + "," {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '`':
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		case r == ',' && depth <= 0:
			elements = append(elements, trimmed(value[start:i], start))
			start = i + 1
		}
	}
	if start <= len(value) {
		elements = append(elements, trimmed(value[start:], start))
	}
	return elements
}

func trimmed(text string, offset int) element {
	left := strings.TrimLeft(text, " \t")
	return element{text: strings.TrimRight(left, " \t"), offset: offset + len(text) - len(left)}
}
