package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// wrapper prints a wrapper type, the check that it still is what it wraps, its constructor, Unwrap, and its methods.
func (p printer) wrapper(f *jen.File, w *model.Wrapper) {
	doc(f, w.Doc)
	f.Type().Id(w.Name).Add(p.typeParams(w.TypeParams)).Add(braced("struct", []jen.Code{p.field(w)}))
	if w.Interface {
		f.Line().Add(p.assertion(w))
	}
	doc(f, w.ConstructorDoc)
	f.Func().Id(w.Constructor).Add(p.typeParams(w.TypeParams)).Params(jen.Id(w.Param).Add(p.typ(w.Inner))).
		Op("*").Add(p.self(w)).Add(oneLine(p.construct(w)))
	doc(f, w.UnwrapDoc)
	f.Func().Add(p.receiver(&w.Recv)).Id(w.Unwrap).Params().Add(p.typ(w.Inner)).
		Add(oneLine(jen.Return(jen.Id(w.Recv.Name).Dot(w.Field))))
	for _, fn := range w.Methods {
		p.function(f, fn)
	}
}

func (p printer) field(w *model.Wrapper) *jen.Statement {
	if w.Embedded {
		return p.typ(w.Inner)
	}
	return jen.Id(w.Field).Add(p.typ(w.Inner))
}

// self is the wrapper's own type.
func (p printer) self(w *model.Wrapper) *jen.Statement {
	return jen.Id(w.Name).Types(ids(w.Recv.TypeParams)...)
}

func (p printer) construct(w *model.Wrapper) *jen.Statement {
	return jen.Return(jen.Op("&").Add(p.self(w)).Values(jen.Id(w.Field).Op(":").Id(w.Param)))
}

// assertion makes an interface that has changed fail the build. The check of a generic wrapper needs a function for
// its type parameters.
func (p printer) assertion(w *model.Wrapper) *jen.Statement {
	check := jen.Var().Id("_").Add(p.typ(w.Inner)).Op("=").Parens(jen.Op("*").Add(p.self(w))).Call(jen.Nil())
	if len(w.TypeParams) == 0 {
		return check
	}
	return jen.Func().Id("_").Add(p.typeParams(w.TypeParams)).Params().Add(oneLine(check))
}
