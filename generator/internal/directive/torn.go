package directive

import (
	"strconv"
	"strings"
)

// arguments checks the words behind a verb and adds them. Where blanks made several words of one argument, that is
// reported once, with what to write.
func (p *parser) arguments(d *Directive, words []word) {
	for len(words) > 0 {
		n, fault := torn(words)
		if n == 0 || d.Verb == Ignore {
			p.argument(d, words[0])
			words = words[1:]
			continue
		}
		p.fault(d, words[1].pos, fault)
		words = words[n:]
	}
}

// torn returns how many words are probably one argument with blanks in it, and says what to write, or 0.
func torn(words []word) (n int, fault string) {
	first := words[0]
	key, known := lookup(first.key)
	switch {
	case !known || len(words) == 1:
		return 0, ""
	case !first.assigned && words[1].key == "" && words[1].value != "":
		return 2, "there is a blank before the equals sign: write " + first.key + "=" + words[1].value
	case !first.assigned && words[1].assigned && words[1].key == "" && len(words) > 2 && isPlain(words[2]):
		return 3, "there are blanks around the equals sign: write " + first.key + "=" + words[2].key
	case first.assigned && first.value == "" && isPlain(words[1]):
		return 2, "there is a blank behind the equals sign: write " + first.key + "=" + words[1].key
	case first.assigned && key.form.isText():
		return tornValue(words)
	}
	return 0, ""
}

// tornValue joins a value to the words behind it that can be nothing else than its rest.
func tornValue(words []word) (n int, fault string) {
	value := []string{words[0].value}
	for _, w := range words[1:] {
		if !isPlain(w) || meantKey(w.key) != "" {
			break
		}
		value = append(value, w.key)
	}
	if len(value) == 1 {
		return 0, ""
	}
	return len(value), "a value with blanks needs quotes: write " + words[0].key + "=" + strconv.Quote(strings.Join(value, " "))
}

// isPlain reports whether a word is neither an assignment nor a key that needs none.
func isPlain(w word) bool {
	return !w.assigned && w.key != "" && !IsKey(w.key) && !strings.ContainsAny(w.key, "\"`")
}

// isText reports whether values of the form may well have blanks in them.
func (f form) isText() bool { return f == freeText || f == expression || f == list }
