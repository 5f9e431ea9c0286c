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
	start, depth, quote := 0, 0, byte(0)
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == quote:
			quote = 0
		case c == '\\' && quote == '"':
			i++ // what it escapes
		case quote != 0: // in a string
		case c == '"' || c == '`':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case c == ',' && depth <= 0:
			elements = append(elements, trimmed(value[start:i], start))
			start = i + 1
		}
	}
	return append(elements, trimmed(value[start:], start))
}

func trimmed(text string, offset int) element {
	left := strings.TrimLeft(text, " \t")
	return element{text: strings.TrimRight(left, " \t"), offset: offset + len(text) - len(left)}
}
