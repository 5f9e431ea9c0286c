package directive

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Key is one row of the table of keys.
type Key struct {
	Name  string // as written; KEY at its end, as in "usage.KEY", stands for a name of the user's choice
	Value string // placeholder of the value
	Verbs []Verb // of the directives that take the key
	Doc   string // one sentence
	form  form
}

// form is what the value of a key has to look like.
type form int

const (
	freeText     form = iota // anything
	expression               // a Go expression over the wrapped function's parameters and results
	alternatives             // such an expression, or several under one key: the first holds that fits the types
	identifier               // a Go name
	boolean                  // true or false; the key alone means true
	list                     // elements with commas between them
	choice                   // one of the words that the placeholder lists
	direction                // in, out or none, and for the first two :NAME
)

// wildcard ends the name of a key that stands for a family of keys.
const wildcard = "KEY"

// Keys returns the table of keys, in the order in which it is documented.
func Keys() []Key { return slices.Clone(keys) }

// wrappers are the directives that ask for a wrapper.
var wrappers = []Verb{Track, Wrap}

var keys = []Key{
	{"name", "TEXT", wrappers, "Names the span; without it a function's span has its name, a method's is Type.Method.", freeText},
	{"type", "general|tool|llm|guardrail", wrappers, "Says what kind of work the span is; the default is general.", choice},
	{"as", "NAME", wrappers, "Gives the generated wrapper another name.", identifier},
	{"tags", "A,B", wrappers, "Adds tags to the span.", list},
	{"metadata.KEY", "EXPR", wrappers, "Adds a metadata entry to the span.", expression},
	{"metadata", "EXPR,...", wrappers, "Adds the fields of a struct, such as the request, that are captured nowhere else.", expression},
	{"project_name", "TEXT", wrappers, "Sends traces that start here to this project.", freeText},
	{"thread_id", "EXPR", wrappers, "Puts the trace into a conversation.", expression},
	{"capture_input", "true|false", wrappers, "Captures the arguments; the default is true.", boolean},
	{"capture_output", "true|false", wrappers, "Captures the results; the default is true.", boolean},
	{"ignore_arguments", "A,B", wrappers, "Leaves these parameters out of the input.", list},
	{"redact", "A,B", wrappers, "Sends a fixed mark in place of these parameters' values.", list},
	{"input.KEY", "EXPR", wrappers, "Captures this expression as an input, in place of the arguments.", expression},
	{"output.KEY", "EXPR", wrappers, "Captures this expression as an output, in place of the results.", expression},
	{"provider", "TEXT", wrappers, "Names the provider of the model, for the cost.", freeText},
	{"model", "EXPR", wrappers, "Says which model answered, for the cost.", expression},
	{"request_model", "EXPR", wrappers, "Says which model is asked for, which holds as long as it is not known which one answered.", expression},
	{"usage.KEY", "EXPR", wrappers, "Captures a token count.", expression},
	{"usage", "EXPR,...", wrappers, "Captures all token counts of a struct, each under its name in JSON.", expression},
	{"cost", "EXPR", wrappers, "Captures what the provider says the call cost, in US dollars.", expression},
	{"failed", "EXPR", wrappers, "Says whether the result stands for a failure, though there is no error.", expression},
	{"stream", "auto|none|seq|chan|func|next|recv|lines|body", wrappers, "Says what the elements of a streamed answer come by; the default is auto for llm spans.", choice},
	{"stream.accumulator", "TYPE", wrappers, "Names the type that the elements of a stream add up to; in expressions acc is a pointer to one.", expression},
	{"stream.each", "CALL", wrappers, "Adds an element, chunk, to acc.", expression},
	{"stream.response", "EXPR", wrappers, "Says what resp stands for when the stream is over; without it resp is each chunk in turn.", expression},
	{"stream.output.KEY", "EXPR", wrappers, "Joins this text of all elements to an output.", expression},
	{"stream.error", "EXPR", wrappers, "Says which error an element carries.", expression},
	{"stream.event", "EXPR", wrappers, "Makes of chunk the event that the stream's own package decodes.", expression},
	{"stream.new", "EXPR", wrappers, "Makes the stream to return, of tap, which hands on the elements, and orig, the stream that was returned. Of several the first that fits is taken.", alternatives},
	{"stream.element", "TYPE", wrappers, "Names the type of the elements that come by an option; the default is []byte.", expression},
	{"stream.through", "EXPR", wrappers, "Makes an option for the call through which the elements come, of stream and the call's options. Of several the first that fits is taken.", alternatives},
	{"stream.option", "EXPR", wrappers, "Is the option that asks for the counts of a stream.", expression},
	{"stream.extra", "EXPR", wrappers, "Says whether chunk is the extra element that comes of that option.", expression},
	{"stream.asked", "EXPR", wrappers, "Says whether the caller asks for that element, so that it is not kept back.", expression},
	{"stream.include_usage", "true|false", wrappers, "Asks for the counts of a stream, and keeps the extra element back; the default is false.", boolean},
	{"preset", "NAME", wrappers, "Takes the defaults of this preset; none takes no preset at all.", freeText},
	{"headers", "in|out|none", wrappers, "Continues the trace of a caller, the default for handlers, or passes it on, that for Do and RoundTrip; in:NAME names a parameter.", direction},
	{"flush", "true|false", wrappers, "Waits at the span's end until everything recorded so far is delivered.", boolean},
	{"create_duplicate_root_span", "true|false", wrappers, "Writes a span beside the trace that starts here; the default is true.", boolean},
}

// family returns the fixed part of a key that ends in the wildcard, "usage." of "usage.KEY".
func (k Key) family() (prefix string, ok bool) { return strings.CutSuffix(k.Name, wildcard) }

// spell writes the key with the name that the user chose in place of the wildcard.
func (k Key) spell(name string) string {
	prefix, ok := k.family()
	if !ok {
		return k.Name
	}
	_, rest, _ := strings.Cut(name, ".")
	if rest == "" {
		return k.Name
	}
	return prefix + rest
}

// rows and families are the table of keys by their names.
var rows, families = byName(keys)

func byName(table []Key) (rows map[string]*Key, families []*Key) {
	rows = map[string]*Key{}
	for i := range table {
		key := &table[i]
		rows[key.Name] = key
		if _, ok := key.family(); ok {
			families = append(families, key)
		}
	}
	return rows, families
}

// lookup finds the row that name belongs to.
func lookup(name string) (Key, bool) {
	if key, ok := rows[name]; ok {
		return *key, true
	}
	for _, key := range families {
		if prefix, _ := key.family(); len(name) > len(prefix) && strings.HasPrefix(name, prefix) {
			return *key, true
		}
	}
	return Key{}, false
}

// fault says what is wrong with a value of the key, or nothing.
func (k Key) fault(value string) string {
	if strings.TrimSpace(value) == "" {
		return fmt.Sprintf("key %s has no value: write %s=%s", k.Name, k.Name, k.Value)
	}
	switch k.form {
	case boolean, choice:
		return k.faultyChoice(value)
	case direction:
		return k.faultyDirection(value)
	case identifier:
		return k.faultyIdentifier(value)
	case list:
		return k.faultyList(value)
	}
	return ""
}

func (k Key) faultyChoice(value string) string {
	words := strings.Split(k.Value, "|")
	if slices.Contains(words, value) {
		return ""
	}
	message := fmt.Sprintf("%s=%s: expected %s", k.Name, value, orList(words))
	if i := nearest(value, words); i >= 0 {
		message += fmt.Sprintf("; did you mean %s=%s?", k.Name, words[i])
	}
	return message
}

// faultyDirection lets a parameter follow the word, unless that is none.
func (k Key) faultyDirection(value string) string {
	word, name, named := strings.Cut(value, ":")
	if message := k.faultyChoice(word); message != "" || !named {
		return message
	}
	if word == "none" || !token.IsIdentifier(name) {
		return fmt.Sprintf("%s=%s: expected in, out or none, or in:NAME or out:NAME with the name of a parameter", k.Name, value)
	}
	return ""
}

func (k Key) faultyIdentifier(value string) string {
	if token.IsIdentifier(value) && value != "_" {
		return ""
	}
	return fmt.Sprintf("%s=%s: expected a Go identifier, such as %s=Chat", k.Name, value, k.Name)
}

func (k Key) faultyList(value string) string {
	if !slices.Contains(splitList(value), "") {
		return ""
	}
	return fmt.Sprintf("%s=%s: an element of the list is empty; write %s=%s", k.Name, value, k.Name, k.Value)
}

// orList joins words as a sentence does: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
