package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// foreignType checks that a type of another package has its wrapper here.
func (c *checker) foreignType(d directive.Directive) {
	_, name := d.TargetType()
	name = wrapperName(wanted(d, name))
	if c.wrapper(name) == nil {
		c.report(c.pos(d), analysis.Diagnostic{Category: categoryStale,
			Message: name + " is not generated yet, though " + d.Target + " is to be wrapped: run go generate"})
	}
}

// pos finds the place of a directive.
func (c *checker) pos(d directive.Directive) token.Pos {
	for _, file := range c.Files {
		if tokens := c.Fset.File(file.Package); tokens.Name() == d.Pos.Filename {
			return tokens.Pos(d.Pos.Offset)
		}
	}
	return token.NoPos
}

// declaredType checks the wrapper of a type of this package.
func (c *checker) declaredType(d directive.Directive, spec *ast.TypeSpec) {
	obj, ok := c.TypesInfo.Defs[spec.Name].(*types.TypeName)
	if !ok {
		return
	}
	original, ok := types.Unalias(obj.Type()).(*types.Named)
	if !ok || !c.trackable(original) {
		return
	}
	name := wrapperName(wanted(d, obj.Name()))
	if obj.IsAlias() {
		c.aliasedType(spec, name)
		return
	}
	if fault := c.wrapperFault(original, name); fault != "" {
		c.reportf(spec.Name, categoryStale, "%s %s: run go generate", name, fault)
	}
}

// aliasedType checks that a tracked alias has its wrapper. Which methods that should have is the business of another
// package, or of the directive over what the alias stands for.
func (c *checker) aliasedType(spec *ast.TypeSpec, name string) {
	if c.wrapper(name) == nil {
		c.reportf(spec.Name, categoryStale, "%s is not generated yet, though %s is tracked: run go generate", name, spec.Name.Name)
	}
}

// trackable reports whether opikgen writes a wrapper for a type. It says itself why it does not.
func (c *checker) trackable(t *types.Named) bool {
	switch underlying := t.Underlying().(type) {
	case *types.Interface:
		return underlying.IsMethodSet() && !underlying.Empty()
	case *types.Struct:
		methods := slices.Collect(types.NewMethodSet(types.NewPointer(t)).Methods())
		return slices.ContainsFunc(methods, func(s *types.Selection) bool { return s.Obj().Exported() && !c.isOwn(s.Obj()) })
	default:
		return false
	}
}

// wrapperFault says in what way the wrapper of a type is stale, or nothing.
func (c *checker) wrapperFault(original *types.Named, name string) string {
	wrapper := c.wrapper(name)
	if wrapper == nil {
		return "is not generated yet, though " + original.Obj().Name() + " is tracked"
	}
	if wrapper.TypeParams().Len() != original.TypeParams().Len() {
		return "no longer has the type parameters of " + original.Obj().Name()
	}
	held, on := instance(original), instanceWith(wrapper, original.TypeParams())
	for _, method := range c.wrapped(original) {
		switch found, _, _ := types.LookupFieldOrMethod(on, true, c.Pkg, method.Name()); {
		case found == nil:
			return "lacks the method " + method.Name() + " of " + original.Obj().Name()
		case !types.Identical(found.Type(), methodType(held, method)):
			return "has another method " + method.Name() + " than " + original.Obj().Name()
		}
	}
	return ""
}

// wrapper finds the type that opikgen has written under a name.
func (c *checker) wrapper(name string) *types.Named {
	obj, ok := c.Pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok || !c.isOwn(obj) {
		return nil
	}
	named, _ := obj.Type().(*types.Named)
	return named
}

// wrapped lists the methods that a wrapper must have: all of an interface, or the exported ones that a struct declares
// itself, but for those that opikgen added and those that not all platforms need have. Promoted ones are not looked at: where this package could not name their
// types, the wrapper rightly lacks them.
func (c *checker) wrapped(original *types.Named) []*types.Func {
	if iface, ok := original.Underlying().(*types.Interface); ok {
		return slices.Collect(iface.Methods())
	}
	return slices.DeleteFunc(slices.Collect(original.Methods()), func(method *types.Func) bool {
		return !method.Exported() || c.isOwn(method) || c.isConstrained(method.Pos())
	})
}

// wrapperName is the name of the wrapper for what is called base.
func wrapperName(base string) string {
	if token.IsExported(base) {
		return "Tracked" + base
	}
	first, size := utf8.DecodeRuneInString(base)
	return "tracked" + string(unicode.ToUpper(first)) + base[size:]
}
