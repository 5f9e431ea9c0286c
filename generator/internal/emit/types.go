package emit

import (
	"go/token"
	"go/types"
	"strconv"

	"github.com/dave/jennifer/jen"
)

// typ spells a type as the source does: aliases by their names, and packages by the file's names for them.
func (p printer) typ(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		return p.basic(t)
	case *types.TypeParam:
		return jen.Id(p.file.TypeParamName(t))
	case *types.Named:
		return p.instance(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return p.instance(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return jen.Op("*").Add(p.typ(t.Elem()))
	case *types.Slice:
		return jen.Index().Add(p.typ(t.Elem()))
	case *types.Array:
		return jen.Index(jen.Id(p.file.ArrayLength(t))).Add(p.typ(t.Elem()))
	case *types.Map:
		return jen.Map(p.typ(t.Key())).Add(p.typ(t.Elem()))
	case *types.Chan:
		return p.channel(t)
	default:
		return p.literal(t)
	}
}

// literal spells the types that have no name and hold a list of something.
func (p printer) literal(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Signature:
		return jen.Func().Add(p.signature(t))
	case *types.Struct:
		return p.structure(t)
	case *types.Interface:
		return p.iface(t)
	case *types.Union:
		return p.union(t)
	default:
		panic("emit: a type that no signature can have: " + t.String())
	}
}

// basic spells a predeclared type, or unsafe.Pointer, which the checker counts among them.
func (p printer) basic(t *types.Basic) *jen.Statement {
	if t.Kind() == types.UnsafePointer {
		return p.declared(types.Unsafe.Scope().Lookup("Pointer").(*types.TypeName))
	}
	if obj, ok := types.Universe.Lookup(t.Name()).(*types.TypeName); ok {
		return p.declared(obj)
	}
	return jen.Id(t.Name())
}

func (p printer) declared(obj *types.TypeName) *jen.Statement {
	pkg, name := p.file.TypeName(obj)
	if pkg != "" {
		return text(pkg, ".", name)
	}
	return jen.Id(name)
}

// instance spells a declared type with its type arguments, if it has any.
func (p printer) instance(obj *types.TypeName, list *types.TypeList) *jen.Statement {
	declared := p.declared(obj)
	if list.Len() == 0 {
		return declared
	}
	var args []jen.Code
	for t := range list.Types() {
		args = append(args, p.typ(t))
	}
	return declared.Types(args...)
}

// channel spells a channel. Without parentheses the arrow of chan (<-chan T) would belong to the first chan.
func (p printer) channel(t *types.Chan) *jen.Statement {
	elem := p.typ(t.Elem())
	switch t.Dir() {
	case types.SendOnly:
		return jen.Chan().Op("<-").Add(elem)
	case types.RecvOnly:
		return jen.Op("<-").Chan().Add(elem)
	}
	if inner, ok := t.Elem().(*types.Chan); ok && inner.Dir() == types.RecvOnly {
		elem = jen.Parens(elem)
	}
	return jen.Chan().Add(elem)
}

// signature spells the parameters and results of a function type or of an interface's method.
func (p printer) signature(t *types.Signature) *jen.Statement {
	var params []jen.Code
	for v := range t.Params().Variables() {
		params = append(params, p.param(v, t.Variadic() && len(params) == t.Params().Len()-1))
	}
	var results []jen.Code
	for v := range t.Results().Variables() {
		results = append(results, p.param(v, false))
	}
	return jen.Params(params...).Add(resultList(results))
}

func (p printer) param(v *types.Var, variadic bool) *jen.Statement {
	s := jen.Empty()
	if isNamed(v) {
		s = jen.Id(v.Name())
	}
	return s.Add(p.variable(v.Type(), variadic))
}

// isNamed reports whether the source names a parameter. The compiler's own names, as in #rv1, are none.
func isNamed(v *types.Var) bool { return token.IsIdentifier(v.Name()) }

// variable spells the type of a parameter.
func (p printer) variable(t types.Type, variadic bool) *jen.Statement {
	if slice, ok := t.(*types.Slice); ok && variadic {
		return jen.Op("...").Add(p.typ(slice.Elem()))
	}
	return p.typ(t)
}

// resultList puts parentheses around results. The formatter takes them away where there is one that has no name.
func resultList(results []jen.Code) *jen.Statement {
	if len(results) == 0 {
		return jen.Null()
	}
	return jen.Params(results...)
}

// structure spells a struct literal on one line.
func (p printer) structure(t *types.Struct) *jen.Statement {
	var fields []jen.Code
	for i := range t.NumFields() {
		field := jen.Empty()
		if !t.Field(i).Embedded() {
			field = jen.Id(t.Field(i).Name())
		}
		field.Add(p.typ(t.Field(i).Type()))
		if tag := t.Tag(i); tag != "" {
			field.Id(quoteTag(tag))
		}
		fields = append(fields, field)
	}
	return braced("struct", fields)
}

// quoteTag quotes a tag as everybody does.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// iface spells an interface literal on one line. The one that a constraint such as ~int | ~string stands for is
// written without the keyword, as in the source.
func (p printer) iface(t *types.Interface) *jen.Statement {
	if union, ok := implicitUnion(t); ok {
		return p.union(union)
	}
	var elements []jen.Code
	for embedded := range t.EmbeddedTypes() {
		elements = append(elements, p.typ(embedded))
	}
	for method := range t.ExplicitMethods() {
		elements = append(elements, jen.Id(method.Name()).Add(p.signature(method.Signature())))
	}
	return braced("interface", elements)
}

// implicitUnion returns what an implicit interface consists of. One that starts with a pointer keeps the keyword:
// type W[P *T] would be read as an array.
func implicitUnion(t *types.Interface) (*types.Union, bool) {
	if !t.IsImplicit() || t.NumEmbeddeds() != 1 {
		return nil, false
	}
	union, ok := t.EmbeddedType(0).(*types.Union)
	if !ok {
		return nil, false
	}
	_, pointer := union.Term(0).Type().(*types.Pointer)
	return union, !pointer || union.Term(0).Tilde()
}

func (p printer) union(t *types.Union) *jen.Statement {
	var terms []jen.Code
	for term := range t.Terms() {
		s := p.typ(term.Type())
		if term.Tilde() {
			s = jen.Op("~").Add(s)
		}
		terms = append(terms, s)
	}
	return jen.Union(terms...)
}

// braced prints a type literal on one line.
func braced(keyword string, elements []jen.Code) *jen.Statement {
	if len(elements) == 0 {
		return jen.Id(keyword + "{}")
	}
	return jen.Id(keyword).Add(oneLine(elements...))
}
