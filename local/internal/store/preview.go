package store

import (
	"regexp"
	"strings"
)

// previewBytes is how much of a document a line in a list is made of.
const previewBytes = 600

var (
	// messages have a speaker, or blocks of several kinds, in every layout of providers and frameworks.
	messages = regexp.MustCompile(`"(?:role|type)":"`)
	// saying is what a message says. The last text of a preview may be cut off.
	saying = regexp.MustCompile(`"(?:content|text|thinking)":"((?:[^"\\]|\\.)+)`)
	// plainly undoes escapes.
	plainly = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, " ", `\t`, " ")
	// unpunctuated takes the marks of JSON away.
	unpunctuated = strings.NewReplacer(
		`\"`, `"`, `\\`, `\`, `\n`, " ", `\t`, " ", `":"`, ": ", `":`, ": ", `","`, ", ", `,"`, ", ", `{"`, "", `["`, "", `[{`, "", `"}`, "", `"]`, "", `"`, "",
	)
)

// preview makes the beginning of a JSON document a line that reads well: what is said, where it is a conversation.
func preview(document string) string {
	document = strings.ToValidUTF8(document[:min(len(document), previewBytes)], "")
	if texts := conversation(document); len(texts) > 0 {
		return strings.Join(texts, " · ")
	}
	plain := strings.TrimRight(strings.TrimSpace(unpunctuated.Replace(document)), "}")
	if plain == "" || plain == "{" {
		return document // it is empty, and says so
	}
	return plain
}

// conversation returns what the messages of a document say.
func conversation(document string) (texts []string) {
	if !messages.MatchString(document) {
		return nil
	}
	for _, match := range saying.FindAllStringSubmatch(document, -1) {
		texts = append(texts, plainly.Replace(match[1]))
	}
	return texts
}
