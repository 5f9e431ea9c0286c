package shape

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// node is a value that an expression reaches.
type node struct {
	expr string
	name string // of the field, method or type that it is the value of
	typ  types.Type
	key  string // what JSON calls it
}

// field is one field of a struct, or one getter of an interface.
type field struct {
	name string
	tag  string // what JSON calls it, or empty
	typ  types.Type
	call bool // it is a getter

	own, inJSON string // the name and the tag as names are compared
}

func newField(name, tag string, t types.Type) field {
	return field{name: name, tag: tag, typ: t, own: normal(name), inJSON: normal(tag)}
}

func newGetter(name string, t types.Type) field {
	f := newField(name, "", t)
	f.call, f.own = true, strings.TrimPrefix(f.own, "get")
	return f
}

// fields lists what can be selected of a value: the fields of a struct, those of embedded structs included, or the
// getters of an interface.
func (c *Call) fields(t types.Type) []field {
	elem, pointers := deref(t)
	if pointers > 1 || isTypeParam(elem) || isMachinery(elem) {
		return nil
	}
	switch under := elem.Underlying().(type) {
	case *types.Struct:
		return c.knownFields(under)
	case *types.Interface:
		if pointers == 0 {
			return getters(under)
		}
	}
	return nil
}

func (c *Call) knownFields(t *types.Struct) []field {
	if c.Known == nil {
		return c.structFields(t, 0)
	}
	return c.Known.fieldsOf(t, func() []field { return c.structFields(t, 0) })
}

func (c *Call) structFields(t *types.Struct, depth int) []field {
	if depth > maxDepth {
		return nil
	}
	var all []field
	for i := range t.NumFields() {
		v, tag := t.Field(i), reflect.StructTag(t.Tag(i))
		name, _, _ := strings.Cut(tag.Get("json"), ",")
		switch {
		case name == "-" || tag.Get("opik") == "-" || isMachinery(v.Type()) || !c.selects(v):
		case v.Embedded() && structOf(v.Type()) != nil && name == "":
			all = append(all, c.structFields(structOf(v.Type()), depth+1)...)
		default:
			all = append(all, newField(v.Name(), name, v.Type()))
		}
	}
	return all
}

// selects reports whether the generated file can name a field.
func (c *Call) selects(v *types.Var) bool {
	return v.Exported() || c.Package != nil && v.Pkg() != nil && v.Pkg().Path() == c.Package.Path()
}

// getters are the methods of an interface that only return something, under the names that fields would have.
func getters(t *types.Interface) []field {
	var all []field
	for method := range t.Methods() {
		sig := method.Signature()
		if !method.Exported() || sig.Params().Len() > 0 || sig.Results().Len() != 1 || isError(sig.Results().At(0).Type()) {
			continue
		}
		all = append(all, newGetter(method.Name(), sig.Results().At(0).Type()))
	}
	return all
}

// of returns the field of a value.
func (f field) of(n node) node {
	expr := n.expr + "." + f.name
	if f.call {
		expr += "()"
	}
	return node{expr: expr, name: f.name, typ: f.typ, key: f.key()}
}

// key is what a trace calls the field: as JSON does, or else in snake case.
func (f field) key() string {
	if f.tag != "" {
		return f.tag
	}
	return snake(strings.TrimPrefix(f.name, "Get"))
}

// is reports whether the field has one of the names, by itself or in JSON.
func (f field) is(names ...string) bool {
	return slices.Contains(names, f.own) || f.tag != "" && slices.Contains(names, f.inJSON)
}

// snake turns a Go name into snake case: HTTPStatusCode into http_status_code, ID2 into id2.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	upper := func(i int) bool { return i >= 0 && i < len(runes) && runes[i] >= 'A' && runes[i] <= 'Z' }
	for i, r := range runes {
		if upper(i) && i > 0 && runes[i-1] != '_' && (!upper(i-1) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// find returns the first field, in the order of the names, that fits.
func (c *Call) find(n node, fits func(field) bool, names ...string) (node, bool) {
	fields := c.fields(n.typ)
	for _, name := range names {
		if i := slices.IndexFunc(fields, func(f field) bool { return f.is(name) && fits(f) }); i >= 0 {
			return fields[i].of(n), true
		}
	}
	return node{}, false
}

func always(field) bool { return true }

func textField(f field) bool { return isText(f.typ) }

// isText reports whether t is a string or a pointer to one.
func isText(t types.Type) bool {
	_, pointers := deref(t)
	return isString(t) && pointers <= 1
}

// value is an expression for what a pointer points to.
func (n node) value() string {
	if _, pointers := deref(n.typ); pointers == 1 {
		return "*" + n.expr
	}
	return n.expr
}

// first returns the first element of a slice of structs, or the value itself.
func (n node) first() node {
	elem, pointers := deref(n.typ)
	if slice, ok := elem.Underlying().(*types.Slice); ok && pointers == 0 {
		return node{expr: n.expr + "[0]", name: n.name, typ: slice.Elem(), key: n.key}
	}
	return n
}
