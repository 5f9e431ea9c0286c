package directive

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// prefix starts every directive.
const prefix = "//opik:"

var verbs = []string{string(Track), string(Wrap), string(Ignore)}

// Mentioned reports whether a Go file may hold a directive or something that was meant to be one. It looks at the
// bytes alone, so it also holds for a string that contains a directive, but never fails to see a real one.
func Mentioned(src []byte) bool {
	for _, name := range []string{"opik", "Opik", "OPIK"} {
		if mentioned(src, []byte(name)) {
			return true
		}
	}
	return false
}

func mentioned(src, name []byte) bool {
	for {
		i := bytes.Index(src, name)
		if i < 0 {
			return false
		}
		before := bytes.TrimRight(src[:i], " \t")
		if bytes.HasSuffix(before, []byte("//")) || bytes.HasSuffix(before, []byte("/*")) {
			return true
		}
		src = src[i+len(name):]
	}
}

// mention is a comment that starts with the tool's name.
type mention struct {
	exact bool   // it starts with the prefix, byte for byte
	colon bool   // there is a colon behind the name
	tight bool   // nothing stands between the slashes and the name
	word  string // that follows
	rest  string // what follows the word
}

var mentionPattern = regexp.MustCompile(`(?s)^(?://|/\*)(\s*)(?i:opik)(\s*:\s*|\s+)([^\s]*)(.*)$`)

// mentionIn takes a comment apart that starts with the tool's name.
func mentionIn(comment string) (mention, bool) {
	text := strings.TrimSuffix(comment, "*/")
	parts := mentionPattern.FindStringSubmatch(text)
	if parts == nil {
		return mention{}, false
	}
	return mention{
		exact: strings.HasPrefix(comment, prefix) && strings.TrimSpace(parts[2]) == parts[2],
		colon: strings.Contains(parts[2], ":"),
		tight: parts[1] == "",
		word:  parts[3],
		rest:  parts[4],
	}, true
}

// verb returns the verb that the word is, but for upper case and a slip of the keyboard.
func (m mention) verb() (Verb, bool) {
	i := nearest(m.word, verbs)
	if i < 0 {
		return "", false
	}
	return Verb(verbs[i]), true
}

// nearMiss says what keeps the comment from being a directive. The answer is empty for a sentence that happens to
// start with the tool's name.
func (m mention) nearMiss() string {
	verb, near := m.verb()
	if m.exact {
		return m.unknownVerb(verb, near)
	}
	if !near || !m.meant(verb) {
		return ""
	}
	written := strings.TrimRight(prefix+string(verb)+m.rest, " \t\r\n")
	return fmt.Sprintf("this comment is not read as a directive, which starts with %s%s, lower case and without blanks: write %s",
		prefix, verb, written)
}

// meant reports whether a comment that misses the prefix was meant as a directive, going by what follows the verb:
// nothing, or an argument. Without a colon, a blank in front or a misspelt verb besides make it prose.
func (m mention) meant(verb Verb) bool {
	words := strings.Fields(m.rest)
	if verb == Wrap && len(words) > 0 {
		words = words[1:]
	}
	if len(words) > 0 && isArgument(words[0]) {
		return true
	}
	bare := len(words) == 0 || strings.HasPrefix(words[0], "//")
	return bare && (m.colon || m.tight && strings.EqualFold(m.word, string(verb)))
}

func isArgument(word string) bool {
	key, _, assigned := strings.Cut(word, "=")
	_, known := lookup(key)
	return assigned || known
}

func (m mention) unknownVerb(verb Verb, near bool) string {
	if slices.Contains(verbs, m.word) {
		return ""
	}
	if near {
		return fmt.Sprintf("unknown directive %s%s: did you mean %s%s?", prefix, m.word, prefix, verb)
	}
	return fmt.Sprintf("unknown directive %s%s: expected %s, %s or %s", prefix, m.word,
		prefix+string(Track), prefix+string(Wrap), prefix+string(Ignore))
}
