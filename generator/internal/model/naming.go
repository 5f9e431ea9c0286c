package model

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// naming gives names to what is in one generated function. Names from the source are kept unless they would hide
// what the body needs; names that opikgen makes up hide nothing at all.
type naming struct {
	file     *File
	reserved names // what made up names must not hide
	needs    names // what no name may hide
	used     names
	chunk    string // what function literals call an element
}

func (b *builder) newNaming(f *File, taken names, calls ...*call) *naming {
	n := &naming{file: f, reserved: taken, needs: names{f.Runtime: true}, used: names{}}
	for _, c := range calls {
		n.need(c)
	}
	return n
}

// need notes what the body of the call's wrapper refers to outside itself.
func (n *naming) need(c *call) {
	if c.recv == nil && c.own {
		n.needs[c.callee] = true
	}
	for _, result := range c.results {
		if result.rewrapped != nil {
			n.needs[result.rewrapped.constructor], n.needs["nil"] = true, true
		}
	}
	if c.span == nil {
		return
	}
	if c.span.carrier.param == nil {
		n.needs[n.file.packages["context"]] = true
	}
	if c.span.noDuplicateRoot || c.span.flush {
		n.needs["true"] = true
	}
	for _, l := range c.span.lines {
		if l.expr != nil && l.converts() {
			n.needs["string"] = true
		}
	}
	for e := range c.span.exprs {
		n.needExpr(e)
	}
	for _, t := range c.bodyTypes() {
		n.needSpelling(t)
	}
}

// needSpelling notes the names that the body uses to write a type.
func (n *naming) needSpelling(t types.Type) {
	for obj := range mentions(t) {
		if array, ok := arrayOf(obj); ok {
			n.needIdents(n.file.ArrayLength(array))
		} else if name, ok := obj.(*types.TypeName); ok && !isTypeParam(obj) {
			pkg, written := n.file.TypeName(name)
			n.needs[cmp.Or(pkg, written)] = true
		}
	}
}

// needIdents notes all names in the length of an array.
func (n *naming) needIdents(length string) {
	expr, err := parser.ParseExpr(length)
	if err != nil {
		return // as the source has parsed, so does what is spelled after it
	}
	ast.Inspect(expr, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok {
			n.needs[id.Name] = true
		}
		return true
	})
}

// needTypes notes the types that the signatures of a wrapper's methods name without a package. Those of embedded types
// were written elsewhere, where the type parameters of the wrapper hid nothing.
func (n *naming) needTypes(calls []*call) {
	for _, c := range calls {
		for obj := range mentions(c.sig) {
			n.needType(obj)
		}
	}
}

func (n *naming) needType(obj types.Object) {
	name, ok := obj.(*types.TypeName)
	if !ok || isTypeParam(obj) {
		return
	}
	if pkg, written := n.file.TypeName(name); pkg == "" {
		n.needs[written] = true
	}
}

func (n *naming) needExpr(e *expr) {
	for name := range e.free {
		n.needs[name] = true
	}
	for _, pkg := range e.imports() {
		n.needs[n.file.PackageName(pkg)] = true
	}
}

// invent returns a new name that hides nothing.
func (n *naming) invent(base string) string {
	name := freeName(base, func(name string) bool { return n.reserved[name] || n.needs[name] || n.used[name] })
	n.used[name] = true
	return name
}

// keep returns the source's name where the body leaves it free.
func (n *naming) keep(v *value) {
	if v.source != "" && !n.needs[v.source] && !n.used[v.source] {
		v.local = v.source
		n.used[v.local] = true
	}
}

// useSourceNames keeps the names of all parameters and results from being invented.
func (n *naming) useSourceNames(calls []*call) {
	for _, c := range calls {
		for _, v := range c.values() {
			n.used[v.source] = true
		}
	}
}

// values names the receiver, parameters and results of a call: first those that have a name that can be kept.
func (n *naming) values(c *call) {
	for _, v := range c.values() {
		n.keep(v)
	}
	for _, v := range c.values() {
		if v.local == "" {
			v.local = n.invent(v.base)
		}
	}
}

// typeParams names type parameters, of which blank ones cannot be passed on and others may hide what is called.
func (n *naming) typeParams(params []*types.TypeParam) []TypeParam {
	var named []TypeParam
	for _, param := range params {
		name := param.Obj().Name()
		if name == "_" || n.needs[name] || n.used[name] {
			name = n.invent(blankTypeParam(name))
			n.file.typeParams[param] = name
		}
		n.used[name] = true
		named = append(named, TypeParam{Name: name, Constraint: param.Constraint()})
	}
	return named
}

func blankTypeParam(name string) string {
	if name == "_" {
		return "T"
	}
	return name
}

// converts reports whether the value has to be converted to string for a method that takes no other type.
func (l line) converts() bool {
	return l.row.want == wantString && !l.spreads() && !types.AssignableTo(l.expr.typ.Type, types.Typ[types.String])
}

// spreads reports whether the value is a slice of what the method takes.
func (l line) spreads() bool { return l.row.spreads(l.expr.typ.Type) }

// line prints a captured fact under the names of the generated function.
func (n *naming) line(l line) Line {
	printed := Line{Call: l.row.call, Method: l.row.method, Chosen: l.row == chosenProvider}
	printed.Args = make([]string, 0, 1+max(1, len(l.texts)))
	if l.key != "" {
		printed.Args = append(printed.Args, quoted(l.key))
	}
	switch {
	case l.variable != nil:
		printed.Args = append(printed.Args, l.variable.local)
	case l.expr != nil:
		printed.Guard = l.expr.condition(n.file)
		if l.optional {
			printed.Guard = l.expr.notEmpty(n.file)
		}
		printed.Args = append(printed.Args, l.exprText(n.file))
	default:
		printed.Args = append(printed.Args, l.texts...)
	}
	return printed
}

// quoted writes a key as a string literal. Hardly one has anything in it that could not stand there as it is.
func quoted(key string) string {
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == "" {
		return `"` + key + `"`
	}
	return strconv.Quote(key)
}

// whileRecorded guards a line that calls something which nobody would call without tracing.
func (printed Line) whileRecorded(l line, span string) Line {
	if l.whileRecorded() {
		printed.Guard = strings.TrimSuffix(span+" != nil && "+printed.Guard, " && ")
	}
	return printed
}

// whileRecorded reports whether the line is left out where nothing is recorded.
func (l line) whileRecorded() bool {
	return l.expr != nil && (l.expr.isRecorded() || l.row == modelGetter || l.guessed && l.expr.calls || l.lent && l.expr.callsPackage)
}

// always reports whether the user has a function called with the traced call, whatever is recorded.
func (s *span) always() bool {
	if s.stream != nil && s.stream.asked != nil && s.stream.asked.runs {
		return true
	}
	return slices.ContainsFunc(s.lines, func(l line) bool { return l.expr != nil && l.expr.runs && !l.expr.streamed() && !l.whileRecorded() })
}

// isRecorded reports whether the expression is evaluated only while something is recorded.
func (e *expr) isRecorded() bool {
	for _, bound := range e.values {
		if bound.value.recorded {
			return true
		}
	}
	for _, pkg := range e.packages {
		if pkg.Path() == RuntimePath {
			return true
		}
	}
	return false
}

func (f *formula) isPackageFunc(fun ast.Expr) bool {
	selector, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := selector.X.(*ast.Ident)
	if !ok || f.packages[id] == nil {
		return false
	}
	_, ok = f.packages[id].Scope().Lookup(selector.Sel.Name).(*types.Func)
	return ok
}

// noteCalls finds out what the expression calls.
func (f *formula) noteCalls() {
	ast.Inspect(f.node, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			_, method := call.Fun.(*ast.SelectorExpr)
			f.calls = f.calls || method
			f.callsPackage = f.callsPackage || f.isPackageFunc(call.Fun)
		}
		return true
	})
}

func (l line) exprText(file *File) string {
	text := l.expr.text(l.expr.node, file)
	switch {
	case l.converts():
		return "string(" + text + ")"
	case l.spreads():
		return text + "..."
	default:
		return text
	}
}
