package value

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is one member of the object that a struct is written as.
type field struct {
	name   string
	index  []int // the way to it through embedded structs
	tagged bool  // the name comes from a json tag

	quoted, redacted bool // the value is written as a string, or not at all

	member string                            // `,"name":`, ready to be copied
	omit   func(reflect.Value) bool          // nil: never left out
	write  func(e *encoder, v reflect.Value) // writes the value
}

// newStructEncode writes a struct as an object of its exported fields.
func newStructEncode(t reflect.Type) func(*encoder, reflect.Value) {
	fields := fieldsOf(t)
	return func(e *encoder, v reflect.Value) {
		open := len(e.dst)
		for i := range fields {
			fields[i].encode(e, v)
			if !e.more() {
				break
			}
		}
		e.closeObject(open)
	}
}

// closeObject puts brackets around members that begin with a comma each, the first of them at open.
func (e *encoder) closeObject(open int) {
	if len(e.dst) == open {
		e.dst = append(e.dst, "{}"...)
		return
	}
	e.dst[open] = '{' // in place of the first comma
	e.dst = append(e.dst, '}')
}

// encode writes the member that the field is, after a comma, unless it is left out.
func (f *field) encode(e *encoder, v reflect.Value) {
	if len(f.index) == 1 {
		v = v.Field(f.index[0])
	} else if reached, ok := follow(v, f.index); ok {
		v = reached
	} else {
		return
	}
	if f.omit != nil && f.omit(v) {
		return
	}
	e.dst = append(e.dst, f.member...)
	f.write(e, v)
}

// quoted writes a number, a boolean or a string within a string.
func (e *encoder) quoted(p *plan, v reflect.Value) {
	if nilPointer(v) {
		e.null()
		return
	}
	start := len(e.dst)
	p.run(e, v)
	e.dst = AppendString(e.dst[:start], string(e.dst[start:]))
}

// follow goes from a struct to a field. It reports false if a nil pointer to an embedded struct is on the way.
func follow(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// fieldsOf returns the fields of t in the order of their declaration, by the rules of encoding/json: of fields with
// the same name the least deep one counts, then the tagged one, and if that decides nothing, none.
func fieldsOf(t reflect.Type) []field {
	byName := map[string][]field{}
	for _, f := range collect(nil, t, nil, nil) {
		byName[f.name] = append(byName[f.name], f)
	}
	var fields []field
	for _, candidates := range byName {
		if f, ok := dominant(candidates); ok {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields
}

// dominant returns the field that wins among those of one name.
func dominant(candidates []field) (field, bool) {
	rank := func(a, b field) int {
		if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
			return c
		}
		if a.tagged {
			return -1
		}
		return 1
	}
	slices.SortStableFunc(candidates, rank)
	if len(candidates) > 1 && rank(candidates[0], candidates[1]) == 0 {
		return field{}, false
	}
	return candidates[0], true
}

// collect appends the fields of t and of the structs that it embeds. The way to t is index, and the embedding
// types are outer: a struct may embed a pointer to itself.
func collect(fields []field, t reflect.Type, index []int, outer []reflect.Type) []field {
	if slices.Contains(outer, t) {
		return fields
	}
	outer = append(slices.Clip(outer), t)
	smithy := isSmithy(t)
	for i := range t.NumField() {
		sf := t.Field(i)
		way := append(slices.Clip(index), i)
		name, tagged, skip := nameOf(sf)
		switch inner := embedded(sf); {
		case skip:
		case inner != nil && !tagged:
			fields = collect(fields, inner, way, outer)
		case smithy && sf.IsExported():
			fields = append(fields, smithyField(t, newField(sf, name, tagged, way)))
		case sf.IsExported() || inner != nil:
			fields = append(fields, newField(sf, name, tagged, way))
		}
	}
	return fields
}

// embedded returns the struct type that sf embeds, itself or by pointer, or nil. A pointer to an unexported struct
// is followed, too: only setting it would be forbidden.
func embedded(sf reflect.StructField) reflect.Type {
	if !sf.Anonymous {
		return nil
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// nameOf returns the name of a field, whether a json tag gives it, and whether the field is left out.
func nameOf(sf reflect.StructField) (name string, tagged, skip bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" || sf.Tag.Get("opik") == "-" || foreign(sf.Type) {
		return "", false, true
	}
	name, _, _ = strings.Cut(tag, ",")
	if !validName(name) {
		return sf.Name, false, false
	}
	return name, true, false
}

// validName reports whether encoding/json takes a name from a tag.
func validName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}

func newField(sf reflect.StructField, name string, tagged bool, index []int) field {
	_, list, _ := strings.Cut(sf.Tag.Get("json"), ",")
	options := strings.Split(list, ",")
	return field{
		name:   name,
		index:  index,
		tagged: tagged,

		quoted:   slices.Contains(options, "string") && quotable(sf.Type),
		redacted: sf.Tag.Get("opik") == "redact",

		member: "," + string(AppendString(nil, name)) + ":",
		omit:   omission(sf.Type, options),
		write:  writer(sf, options),
	}
}

// writer returns how the value of a field is written.
func writer(sf reflect.StructField, options []string) func(*encoder, reflect.Value) {
	p := planOf(sf.Type)
	switch {
	case sf.Tag.Get("opik") == "redact":
		return func(e *encoder, _ reflect.Value) { e.text(Redacted) }
	case slices.Contains(options, "string") && quotable(sf.Type):
		return newQuotedEncode(sf.Type, p)
	case sf.Type == reflect.TypeFor[string]():
		return func(e *encoder, v reflect.Value) { e.text(v.String()) }
	default:
		return p.run
	}
}

// newQuotedEncode writes values of type t within a string, unless they write themselves: then encoding/json, too, takes
// what they write.
func newQuotedEncode(t reflect.Type, p *plan) func(*encoder, reflect.Value) {
	byPointer := marshals(reflect.PointerTo(t))
	if marshals(t) {
		return p.run
	}
	return func(e *encoder, v reflect.Value) {
		if byPointer && v.CanAddr() {
			p.run(e, v)
			return
		}
		e.quoted(p, v)
	}
}

// marshals reports whether values of type t write themselves.
func marshals(t reflect.Type) bool {
	return t.Implements(marshalerType) || t.Implements(textMarshalerType)
}

// quotable reports whether the option "string" has an effect on t.
func quotable(t reflect.Type) bool {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	k := t.Kind()
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

// omission returns when a field is left out, or nil if it never is.
func omission(t reflect.Type, options []string) func(reflect.Value) bool {
	empty := slices.Contains(options, "omitempty")
	zero := slices.Contains(options, "omitzero")
	switch {
	case empty && zero:
		isZero := zeroness(t)
		return func(v reflect.Value) bool { return isEmpty(v) || isZero(v) }
	case empty:
		return isEmpty
	case zero:
		return zeroness(t)
	default:
		return nil
	}
}

// isEmpty is the meaning of "omitempty".
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	default:
		return v.IsZero()
	}
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

// zeroness is the meaning of "omitzero": the type's own IsZero, if it has one, decides.
func zeroness(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Implements(zeroerType):
		return isZero
	case reflect.PointerTo(t).Implements(zeroerType):
		return func(v reflect.Value) bool { return isZero(addressed(v).Addr()) }
	default:
		return reflect.Value.IsZero
	}
}

// isZero asks a value. One that panics is not zero.
func isZero(v reflect.Value) bool {
	if nilPointer(v) || v.Kind() == reflect.Interface && nilPointer(v.Elem()) {
		return true
	}
	zero, err := guard(func() (bool, error) { return v.Interface().(zeroer).IsZero(), nil })
	return zero && err == nil
}

// addressed returns v or, if that has no address, a copy of it that has.
func addressed(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}
