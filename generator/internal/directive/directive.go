// Package directive owns the grammar of the comments that opikgen reads:
//
//	//opik:track key=value ...
//	//opik:wrap import/path.Type as=Name key=value ...
//	//opik:ignore
//
// It knows which keys there are and what their values look like, and it recognises comments that were meant to be
// directives and are none. What a directive does to the code under it is for the rooms behind this one to decide.
package directive

import (
	"go/token"
	"slices"
	"strings"
)

// Diagnostic is one finding with the place it is about. Message says what was found, what was expected and what
// to do about it.
type Diagnostic struct {
	Pos     token.Position
	Message string
}

// String prints the diagnostic as the go command prints its own: file:line:col: message.
func (d Diagnostic) String() string { return d.Pos.String() + ": " + d.Message }

// Verb is the word behind the colon of a directive.
type Verb string

// The verbs, and what each asks for.
const (
	Track  Verb = "track"  // a wrapper for the declaration below, or settings for one method of it
	Wrap   Verb = "wrap"   // a wrapper for a type that another package owns
	Ignore Verb = "ignore" // no wrapper for this method of a tracked type
)

// Directive is what one declaration is asked for: one comment line or, for [Track], all of its lines together.
type Directive struct {
	Pos    token.Position // of the comment
	Verb   Verb
	Target string // of [Wrap]: import/path.Type as written; empty for the others
	Args   []Arg  // in source order, no key twice but one of alternatives

	// Faulty says that a diagnostic is about the directive: what it asks for is not known, so nothing is generated.
	Faulty bool
}

// Arg is one key=value of a directive. Value has its quotes removed.
type Arg struct {
	Pos        token.Position // of the key
	Key, Value string
	ValuePos   token.Position // inside the quotes; not valid where the key stands alone
}

// Get returns the argument of that full key, such as "type" or "usage.total_tokens".
func (d Directive) Get(key string) (Arg, bool) {
	i := slices.IndexFunc(d.Args, func(a Arg) bool { return a.Key == key })
	if i < 0 {
		return Arg{}, false
	}
	return d.Args[i], true
}

// Bool returns the value of a boolean key, or otherwise where the directive does not have it.
func (d Directive) Bool(key string, otherwise bool) bool {
	arg, ok := d.Get(key)
	if !ok {
		return otherwise
	}
	return arg.Value == "true"
}

// List returns the elements of a comma separated value, without the blanks around them.
func (d Directive) List(key string) []string {
	arg, ok := d.Get(key)
	if !ok {
		return nil
	}
	return splitList(arg.Value)
}

// Prefixed returns the arguments of a family of keys such as "usage.", in source order and with the prefix removed
// from their keys.
func (d Directive) Prefixed(prefix string) []Arg {
	var args []Arg
	for _, arg := range d.Args {
		if rest, ok := strings.CutPrefix(arg.Key, prefix); ok {
			arg.Key = rest
			args = append(args, arg)
		}
	}
	return args
}

// Merge lays inner over outer, key by key: a method's directive over its type's, for one. The result is inner with
// the arguments of outer that it lacks, those first.
func Merge(outer, inner Directive) Directive {
	merged := inner
	merged.Args = nil
	for _, arg := range outer.Args {
		if _, overridden := inner.Get(arg.Key); !overridden {
			merged.Args = append(merged.Args, arg)
		}
	}
	merged.Args = append(merged.Args, inner.Args...)
	return merged
}

func splitList(value string) []string {
	elements := strings.Split(value, ",")
	for i := range elements {
		elements[i] = strings.TrimSpace(elements[i])
	}
	return elements
}
