package model

import (
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"
)

// suggestName returns the name that a person would give to a parameter of type t.
func suggestName(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return suggestBasic(t)
	case *types.Pointer:
		return suggestName(t.Elem())
	case *types.Signature:
		return "fn"
	case interface{ Obj() *types.TypeName }:
		if isNamesake(t.Obj()) {
			return initial(t.Obj().Name())
		}
	}
	return lowerFirst(word(t))
}

// isNamesake tells time.Time, url.URL and the like, whose parameters people give one letter.
func isNamesake(obj *types.TypeName) bool {
	return obj.Pkg() != nil && strings.EqualFold(obj.Name(), obj.Pkg().Name()) && !isContextName(obj)
}

// suggestBasic follows the custom of one letter for a single value of a predeclared type.
func suggestBasic(t *types.Basic) string {
	switch info := t.Info(); {
	case info&types.IsString != 0:
		return "s"
	case info&types.IsBoolean != 0:
		return "b"
	case info&types.IsInteger != 0:
		return "n"
	case info&types.IsFloat != 0:
		return "f"
	case info&types.IsComplex != 0:
		return "c"
	default:
		return "p"
	}
}

// word names a type within a longer name: "int" of intCh, "request" of requests.
func word(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return t.Name()
	case *types.Pointer:
		return word(t.Elem())
	case *types.Slice:
		return pluralOf(t.Elem())
	case *types.Array:
		return pluralOf(t.Elem())
	case *types.Map:
		return word(t.Key()) + "To" + upperFirst(word(t.Elem()))
	case *types.Chan:
		return word(t.Elem()) + "Ch"
	case *types.Signature:
		return "func"
	case interface{ Obj() *types.TypeName }: // declared types, aliases, type parameters
		return declaredWord(t.Obj())
	default:
		return "value"
	}
}

func declaredWord(obj *types.TypeName) string {
	switch {
	case isContextName(obj):
		return "ctx"
	case obj.Pkg() == nil && obj.Name() == "error":
		return "err"
	case obj.Pkg() == nil: // any, comparable
		return "value"
	default:
		return obj.Name()
	}
}

func pluralOf(elem types.Type) string {
	switch elem.(type) {
	case *types.Slice, *types.Array:
		return innermost(elem) + "Lists"
	default:
		return plural(word(elem))
	}
}

func innermost(t types.Type) string {
	switch t := t.(type) {
	case *types.Slice:
		return innermost(t.Elem())
	case *types.Array:
		return innermost(t.Elem())
	default:
		return word(t)
	}
}

func plural(s string) string {
	switch {
	case strings.HasSuffix(s, "ss"), strings.HasSuffix(s, "x"), strings.HasSuffix(s, "ch"), strings.HasSuffix(s, "sh"):
		return s + "es"
	case strings.HasSuffix(s, "s"): // in all likelihood one already
		return s
	case strings.HasSuffix(s, "y") && !strings.ContainsAny(s[max(0, len(s)-2):len(s)-1], "aeiou"):
		return strings.TrimSuffix(s, "y") + "ies"
	default:
		return s + "s"
	}
}

// lowerFirst turns an exported name into an unexported one, initialisms as a whole: HTTPClient into httpClient, UTF8 into utf8.
func lowerFirst(s string) string {
	runes := []rune(s)
	upper := 0
	for upper < len(runes) && unicode.IsUpper(runes[upper]) {
		upper++
	}
	if upper > 1 && upper < len(runes) && unicode.IsLower(runes[upper]) && string(runes[upper:]) != "s" {
		upper--
	}
	return strings.ToLower(string(runes[:upper])) + string(runes[upper:])
}

// initial is the custom for receivers: the first letter of the type.
func initial(typeName string) string {
	first, _ := utf8.DecodeRuneInString(typeName)
	if first == '_' {
		return "recv"
	}
	return strings.ToLower(string(first))
}

func upperFirst(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
