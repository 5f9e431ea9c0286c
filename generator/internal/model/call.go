package model

import (
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// call is a function or method to wrap, with everything decided but the names in the generated code.
type call struct {
	pos        token.Position
	target     string       // as a reader knows it: "answer", "Completer.Complete"
	name       string       // of the generated function
	callee     string       // the name of what is called
	own        bool         // the wrapper stands beside what it calls, and is no method of a wrapper type
	owner      *types.Named // the type of a tracked method, which the wrapper is a method of; nil for a function
	imports    *types.Scope // of the file that holds the directive
	deprecated []string     // the paragraph of the doc comment that is carried over
	fn         *types.Func
	sig        *types.Signature   // with the type arguments of what is wrapped
	typeParams []*types.TypeParam // of the function, of its receiver, or of the wrapped type

	recv    *value // of a tracked method
	chosen  bool   // a directive stands over the method of a wrapper
	inner   *value // what a wrapper holds; nil for a tracked function or method
	params  []*value
	results []*value
	span    *span // nil where the call is handed on untracked

	described *shape.Call // to the rules; nil before it is needed

	untracked string // why it is
	provider  *value // that the wrapper holds, or nil
}

// newCall reads a signature: the key of every parameter and result, and which results are errors.
func newCall(sig *types.Signature) *call {
	c := &call{sig: sig}
	for _, params := range []*types.TypeParamList{sig.TypeParams(), sig.RecvTypeParams()} {
		c.typeParams = append(c.typeParams, slices.Collect(params.TypeParams())...)
	}
	keys := names{}
	c.params = inputs(sig, keys)
	c.results = outputs(sig)
	return c
}

// values returns everything in the signature that has or gets a name.
func (c *call) values() []*value {
	var all []*value
	if c.recv != nil {
		all = append(all, c.recv)
	}
	return append(append(all, c.params...), c.results...)
}

// named reports whether the source names results.
func (c *call) named() bool {
	for _, result := range c.results {
		if result.source != "" {
			return true
		}
	}
	return false
}

// scope returns what an expression about the call can name: its values, and the aliases req for the first parameter
// that is data and resp for the first result that is no error.
func (c *call) scope(pkg *types.Package, data dataRule, member *value) *scope {
	s := newScope(pkg, c.imports, c.values())
	for _, param := range c.typeParams {
		s.objects[param.Obj().Name()] = param.Obj()
	}
	if member != nil && member.holder != nil {
		s.values[shape.MemberName] = member
	}
	c.alias(s, data, member)
	return s
}

// alias adds the names that stand for a value of every signature.
func (c *call) alias(s *scope, data dataRule, member *value) {
	if c.span != nil && c.span.stream != nil {
		c.span.stream.names(s, member)
	}
	s.alias("req", first(c.params, func(v *value) bool { return data.isData(v.typ) }))
	if s.response != "" {
		return
	}
	s.alias("resp", first(c.results, func(v *value) bool { return !v.failure }))
}

func first(values []*value, fits func(*value) bool) *value {
	for _, v := range values {
		if fits(v) {
			return v
		}
	}
	return nil
}

func inputs(sig *types.Signature, keys names) []*value {
	var params []*value
	for v := range sig.Params().Variables() {
		params = append(params, newValue(v))
		keys[sourceName(v)] = true
	}
	for i, param := range params {
		param.variadic = sig.Variadic() && i == len(params)-1
		if param.source == "" {
			param.claimKey(keys, suggestName(param.typ))
		}
	}
	return params
}

// outputs gives keys to the results that have no name: output or, where there are several, output1, output2 and so
// on, and err for errors.
func outputs(sig *types.Signature) []*value {
	var results, unnamed []*value
	keys := names{}
	for v := range sig.Results().Variables() {
		result := newValue(v)
		result.result, result.failure = true, isError(v.Type())
		results = append(results, result)
		keys[result.source] = true
		if result.source == "" && !result.failure {
			unnamed = append(unnamed, result)
		}
	}
	for i, result := range unnamed {
		result.claimKey(keys, outputKey(i, len(unnamed)))
	}
	for _, result := range results {
		if result.key == "" {
			result.claimKey(keys, "err")
		}
	}
	return results
}

func outputKey(i, of int) string {
	if of == 1 {
		return "output"
	}
	return "output" + strconv.Itoa(i+1)
}

func newValue(v *types.Var) *value {
	return &value{typ: v.Type(), source: sourceName(v), key: sourceName(v), base: sourceName(v)}
}

// claimKey gives a key to a value that has no name.
func (v *value) claimKey(taken names, base string) {
	v.base, v.key = base, taken.claim(base)
}

// sourceName returns the name of a parameter, or nothing for a blank one and for one that the compiler has named: in
// export data, results may be called #rv1.
func sourceName(v *types.Var) string {
	if v.Name() == "_" || !token.IsIdentifier(v.Name()) {
		return ""
	}
	return v.Name()
}

// isError reports whether a result can go to Span.Returned as it is. A concrete type that implements error cannot:
// its nil is no nil error.
func isError(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok || !types.IsInterface(t) {
		return false
	}
	return types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}
