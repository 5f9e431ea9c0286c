package emit

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// wrapper prints a wrapper type, the check that it still is what it wraps, its constructor, Unwrap, and its methods.
func (p printer) wrapper(f *jen.File, w *model.Wrapper) {
	p.alias(f, w.Alias, w.TypeParams, w.Inner)
	doc(f, w.Doc)
	f.Type().Id(w.Name).Add(p.typeParams(w.TypeParams)).Add(p.fields(w))
	if w.Interface {
		f.Line().Add(p.assertion(w))
	}
	doc(f, w.ConstructorDoc)
	f.Func().Id(w.Constructor).Add(p.typeParams(w.TypeParams)).Params(jen.Id(w.Param).Add(p.typ(w.Inner))).
		Op("*").Add(self(w)).Add(oneLine(construct(w)))
	doc(f, w.UnwrapDoc)
	f.Func().Add(p.receiver(&w.Recv)).Id(w.Unwrap).Params().Add(p.typ(w.Inner)).
		Add(oneLine(jen.Return(text(w.Recv.Name, ".", w.Field))))
	p.withProvider(f, w)
	for _, fn := range w.Methods {
		p.function(f, fn)
	}
}

// fields prints the struct.
func (p printer) fields(w *model.Wrapper) *jen.Statement {
	if w.Provider == nil {
		return braced("struct", []jen.Code{p.field(w)})
	}
	return jen.Struct(p.field(w), jen.Id(w.Provider.Field).String())
}

// withProvider prints the method that chooses the provider.
func (p printer) withProvider(f *jen.File, w *model.Wrapper) {
	chosen := w.Provider
	if chosen == nil {
		return
	}
	doc(f, chosen.Doc)
	f.Func().Add(p.receiver(&w.Recv)).Id(chosen.Method).Params(text(chosen.Param, " string")).Op("*").Add(self(w)).
		Block(jen.Return(wrapped(w, w.Recv.Name+"."+w.Field, text(chosen.Field, ": ", chosen.Param))))
}

func (p printer) field(w *model.Wrapper) *jen.Statement {
	switch {
	case w.Alias != "":
		return text(w.Alias, arguments(w.Recv.TypeParams))
	case w.Embedded:
		return p.typ(w.Inner)
	}
	return jen.Id(w.Field).Add(p.typ(w.Inner))
}

// alias prints another name for an interface that cannot be embedded by its own, which is that of one of its methods.
func (p printer) alias(f *jen.File, name string, params []model.TypeParam, t types.Type) {
	if name != "" {
		doc(f, []string{name + " is what is embedded below under a name that none of its methods has."})
		f.Type().Id(name).Add(p.typeParams(params)).Op("=").Add(p.typ(t))
	}
}

// self is the wrapper's own type.
func self(w *model.Wrapper) *jen.Statement { return text(w.Name, arguments(w.Recv.TypeParams)) }

func construct(w *model.Wrapper) *jen.Statement {
	return jen.Return(wrapped(w, w.Param))
}

// wrapped makes a wrapper of what it wraps, with more fields.
func wrapped(w *model.Wrapper, inner string, more ...jen.Code) *jen.Statement {
	return jen.Op("&").Add(self(w)).Values(append([]jen.Code{text(w.Field, ": ", inner)}, more...)...)
}

// assertion makes an interface that has changed fail the build. The check of a generic wrapper needs a function for
// its type parameters.
func (p printer) assertion(w *model.Wrapper) *jen.Statement {
	check := jen.Var().Id("_").Add(p.typ(w.Inner)).Op("=").Add(p.pointer(w))
	if len(w.TypeParams) == 0 {
		return check
	}
	return jen.Func().Id("_").Add(p.typeParams(w.TypeParams)).Params().Add(oneLine(check))
}

// pointer is any value of the type that the constructor returns.
func (p printer) pointer(w *model.Wrapper) *jen.Statement {
	if w.NoNil {
		return jen.Op("&").Add(self(w)).Values()
	}
	return jen.Parens(jen.Op("*").Add(self(w))).Call(jen.Nil())
}
