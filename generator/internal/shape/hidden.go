package shape

import "go/types"

// IsBody reports whether a stream is a body, which is followed only where somebody says what is in it.
func (k StreamKind) IsBody() bool { return k == Lines || k == Body }

// bodies returns the first result that is an io.ReadCloser, or has a field of that type, as both kinds of stream.
func (c *Call) bodies() []Stream {
	for i, result := range c.Results {
		field, ok := c.bodyOf(result.Type)
		if !ok {
			continue
		}
		body := Stream{Kind: Lines, Elem: types.NewSlice(types.Universe.Lookup("byte").Type()), Result: i, Param: -1, Errors: -1, Field: field}
		pieces := body
		pieces.Kind = Body
		return []Stream{body, pieces}
	}
	return nil
}

func (c *Call) bodyOf(t types.Type) (field string, ok bool) {
	if isReadCloser(t) {
		return "", true
	}
	structure := structOf(t)
	if _, pointers := deref(t); structure == nil || pointers > 1 {
		return "", false
	}
	for v := range structure.Fields() {
		if isReadCloser(v.Type()) && c.selects(v) {
			return v.Name(), true
		}
	}
	return "", false
}

func isReadCloser(t types.Type) bool { return isNamed(t, "io", "ReadCloser") }

// hidden tells of a stream that only comes by a method of a result (W13), and of a body (W14): how they can be followed.
func (j *judge) hidden() {
	if j.stream != nil {
		return
	}
	for _, result := range j.Results {
		if j.Tracked != nil && j.Tracked(result.Type) {
			continue
		}
		if name, rule := j.streamingMethod(result.Type); name != "" {
			j.why(rule, typeName(result.Type)+"."+name+" not followed: "+remedy(result.Type))
			return
		}
	}
	if bodies := j.bodies(); len(bodies) > 0 {
		j.why("body", "not followed: write stream=lines or stream=body")
	}
}

func remedy(t types.Type) string {
	if types.IsInterface(t) {
		return "track or wrap " + typeName(t) + ", too, and what is returned is wrapped again"
	}
	return "track the function that reads it"
}

// streamingMethod returns the first method of a result that returns a stream.
func (j *judge) streamingMethod(t types.Type) (name, rule string) {
	if typeName(t) == "" || isMachinery(t) {
		return "", ""
	}
	for selection := range types.NewMethodSet(t).Methods() {
		fn, ok := selection.Obj().(*types.Func)
		if !ok || !fn.Exported() {
			continue
		}
		inner := &Call{Package: j.Package, Context: j.Context, Data: j.Data, Known: j.Known}
		for v := range fn.Signature().Results().Variables() {
			inner.Results = append(inner.Results, Value{Type: v.Type()})
		}
		if streams := inner.Streams(); len(streams) > 0 && !streams[0].Kind.IsBody() {
			return fn.Name(), streams[0].Kind.Rule()
		}
	}
	return "", ""
}

// lines records the lines of a body as an answer of OpenAI's kind, which is what most servers send.
func (j *judge) lines() {
	j.add(
		Fact{"stream.accumulator", "opik.Deltas", "W14"},
		Fact{"stream.each", "acc.Add(span, chunk)", "W14"},
		Fact{"output.answer", "acc.JSON()", "W14"},
	)
}
