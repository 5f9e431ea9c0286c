package model

import (
	"go/types"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// byInterface lists, for the kinds of stream that are interfaces, the methods that tell of elements.
var byInterface = map[shape.StreamKind][]StreamMethod{
	shape.Next:     {{Name: "Next", Tells: "Next", Also: []string{"Current", "Err"}}},
	shape.Recv:     {{Name: "Recv", Tells: "Recv"}},
	shape.NextRecv: {{Name: "Next", Tells: "Recv"}},
	shape.Events:   {{Name: "Events", Tells: "Chan"}, {Name: "Err", Tells: "Failed"}},
}

// streamType names the type that implements the user's interface.
func (n *naming) streamType(c *call) *StreamType {
	s := c.span.stream
	interfaceName, what := n.embeddedName(s.on.typ), "stream"
	if interfaceName != "" {
		what = "[" + interfaceName + "]"
	}
	methods := types.NewMethodSet(s.on.typ)
	t := &StreamType{
		Name: n.reserved.claim(streamTypeName(c)), Inner: s.on.typ, Field: interfaceName, Methods: streamMethods(s),
		Stream: freeName("stream", func(name string) bool { return lookupMethod(methods, name) || name == interfaceName }),
		Unwrap: !lookupMethod(methods, "Unwrap"),
	}
	if interfaceName == "" || lookupMethod(methods, interfaceName) {
		t.Alias = n.reserved.claim(t.Name + "Orig")
		t.Field = t.Alias
	}
	t.Recv = Recv{Name: n.inner().invent("s"), Type: t.Name, Pointer: true}
	for _, param := range c.streamParams() {
		t.TypeParams = append(t.TypeParams, TypeParam{Name: n.file.TypeParamName(param), Constraint: param.Constraint()})
	}
	t.Recv.TypeParams = typeParamNames(t.TypeParams)
	t.Doc = []string{t.Name + " is " + article(what) + " whose elements the span of " + c.target + " records."}
	t.UnwrapDoc = []string{"Unwrap returns the " + strings.Trim(what, "[]") + " that " + c.target + " returned."}
	return t
}

// embeddedName is what a field is called that embeds an interface, which an alias may spell, or nothing for a literal.
func (n *naming) embeddedName(t types.Type) string {
	declared, ok := t.(interface{ Obj() *types.TypeName })
	if !ok {
		return ""
	}
	_, name := n.file.TypeName(declared.Obj())
	return name
}

// streamTypeName is free of what the wrapped types are called.
func streamTypeName(c *call) string {
	return "tracked" + upperFirst(strings.ReplaceAll(c.target, ".", "")) + "Stream"
}

func lookupMethod(set *types.MethodSet, name string) bool {
	for selection := range set.Methods() {
		if selection.Obj().Name() == name {
			return true
		}
	}
	return false
}

func mentionsTypeParam(all ...types.Type) bool {
	return slices.ContainsFunc(all, func(t types.Type) bool {
		for obj := range mentions(t) {
			if isTypeParam(obj) {
				return true
			}
		}
		return false
	})
}

// streamMethods returns the methods to write, with the Close of an interface that has one.
func streamMethods(s *stream) []StreamMethod {
	var all []StreamMethod
	if byInterface[s.Kind] == nil || s.make != nil {
		return nil
	}
	for _, m := range append(slices.Clone(byInterface[s.Kind]), StreamMethod{Name: "Close", Tells: "Closed"}) {
		object, _, _ := types.LookupFieldOrMethod(s.on.typ, false, nil, m.Name)
		fn, ok := object.(*types.Func)
		if !ok || fn.Signature().Params().Len() > 0 {
			continue
		}
		for v := range fn.Signature().Results().Variables() {
			m.Results = append(m.Results, v.Type())
		}
		if m.Name != "Close" && s.hides() && s.Kind != shape.Events {
			m.Tells, m.Called = m.Tells+"Of", true
		}
		if m.Void = len(m.Results) == 0; m.Void || m.Name != "Close" || isError(m.Results[0]) && len(m.Results) == 1 {
			all = append(all, m)
		}
	}
	return all
}
