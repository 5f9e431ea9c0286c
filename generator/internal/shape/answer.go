package shape

import (
	"go/types"
	"slices"
	"strings"
)

// The names of R7 to R10, in the order in which they are searched.
var (
	outputNames = []string{
		"choices", "candidates", "output", "outputs", "content", "message", "response", "text", "answer", "completion", "data",
	}
	finishNames   = []string{"finishreason", "stopreason", "donereason"}
	idNames       = []string{"id", "responseid", "generationid"}
	toolCallNames = []string{"toolcalls", "functioncalls"}
	costNames     = []string{"cost", "costusd", "totalcost", "totalcostusd", "estimatedcost"}
	deltaNames    = []string{"choices", "delta", "contentdelta", "text", "textdelta", "content", "message", "value", "response", "token"}
	outNamesR13   = []string{"out", "target", "dst", "result", "into", "dest", "reply", "v"}
)

// answer finds what is in a result, and reports whether anything is (R5, R7 to R9).
func (j *judge) answer(n node) bool {
	if isVectors(n.typ) {
		j.vectors(n)
		return true
	}
	if len(j.fields(n.typ)) == 0 || j.usage != nil && n.expr == j.usage.expr && !j.usage.root {
		return false
	}
	before := len(j.facts)
	j.responseModel(n)
	j.finish(n)
	j.output(n)
	if id, ok := j.find(n, textField, idNames...); ok {
		j.add(Fact{"metadata.id", id.value(), "R9"})
	}
	j.cost(n)
	if single, ok := j.find(n, func(f field) bool { return isNumber(f.typ) }, onlyTotalNames...); ok && j.usage == nil {
		j.add(Fact{"usage.total_tokens", single.value(), "R1"})
		j.why("R1", single.expr)
	}
	return len(j.facts) > before
}

// vectors tells how many numbers or vectors there are: nobody reads them.
func (j *judge) vectors(n node) {
	key := "dimensions"
	if basic, ok := n.typ.Underlying().(*types.Slice).Elem().Underlying().(*types.Slice); ok && basic != nil {
		key = "vectors"
	}
	j.add(Fact{"output." + key, "len(" + n.expr + ")", "R14"})
}

// responseModel finds the model that answered (R5).
func (j *judge) responseModel(n node) {
	if found, ok := j.find(n, textField, modelNames...); ok {
		j.model(found)
		return
	}
	inner, ok := j.find(n, always, "response", "message")
	if !ok {
		return
	}
	if found, ok := j.find(inner, textField, modelNames...); ok {
		j.model(found)
	}
}

// output finds the answer itself (R7), and what is beside it in the response.
func (j *judge) output(n node) {
	if marshals(n.typ) || structOf(n.typ) == nil {
		return
	}
	out, ok := j.find(n, func(f field) bool { return j.Data(f.typ) && !isNumber(f.typ) }, outputNames...)
	if !ok {
		return
	}
	j.add(Fact{"output." + out.key, out.expr, "R7"})
	j.why("R7", out.expr)
	var rest []Fact
	for _, f := range j.fields(n.typ) {
		v := f.of(n)
		switch {
		case v.expr == out.expr || !j.Data(f.typ) || j.isTold(v):
		case f.is(toolCallNames...):
			j.add(Fact{"output." + f.key(), v.expr, "R9"})
		case !f.is(slices.Concat(modelNames, finishNames, idNames, costNames)...):
			rest = append(rest, Fact{"metadata." + f.key(), v.expr, "R7"})
		}
	}
	j.add(few(rest)...)
}

// isTold reports whether a field is, or holds, the usage.
func (j *judge) isTold(n node) bool {
	if j.usage == nil {
		return false
	}
	told := func(expr string) bool { return expr == n.expr || strings.HasPrefix(expr, n.expr+".") }
	return told(j.usage.expr) || slices.ContainsFunc(j.usage.counts, func(k count) bool { return told(k.expr) })
}

// finish finds why the model stopped (R8).
func (j *judge) finish(n node) {
	if j.finishIn(n) {
		return
	}
	if list, ok := j.find(n, always, "choices", "candidates", "output"); ok {
		j.finishIn(list.first())
	}
}

func (j *judge) finishIn(n node) bool {
	for _, f := range j.fields(n.typ) {
		if !f.is(finishNames...) {
			continue
		}
		switch v := f.of(n); {
		case isText(f.typ):
			j.add(Fact{"metadata.finish_reason", v.expr, "R8"})
			return true
		case isNumber(f.typ) && yields(f.typ, "String", isString):
			j.add(Fact{"metadata.finish_reason", v.expr + ".String()", "R8"})
			return true
		}
	}
	return false
}

// cost finds what the provider says the call cost (R9), in the response or beside the counts.
func (j *judge) cost(n node) {
	places := []node{n}
	if j.usage != nil {
		places = append(places, j.usage.node)
	}
	for _, place := range places {
		found, ok := j.find(place, func(f field) bool { return basicInfo(f.typ)&types.IsFloat != 0 }, costNames...)
		if ok {
			j.add(Fact{"cost", found.value(), "R9"})
			return
		}
	}
}

// joinedPrefix is that of the key for text of all elements.
const joinedPrefix = "stream.output."

// element finds what is in an element of a stream: R5, R8 and R10, and the error that it may carry.
func (j *judge) element(n node) {
	if delta, ok := j.delta(n, 0); ok {
		j.add(Fact{joinedPrefix + j.joined, delta, "R10"})
		j.why("R10", delta)
	}
	if len(j.fields(n.typ)) == 0 {
		return
	}
	j.responseModel(n)
	j.finish(n)
	j.cost(n)
	if failure, ok := j.find(n, func(f field) bool { return isError(f.typ) }, "error", "err"); ok {
		j.add(Fact{"stream.error", failure.expr, "R10"})
	}
}

// delta finds the text of an element (R10).
func (j *judge) delta(n node, depth int) (expr string, ok bool) {
	switch {
	case isText(n.typ):
		return n.value(), true
	case isBytes(n.typ):
		return "string(" + n.expr + ")", true
	case depth < maxDepth && isNamedText(n.typ):
		return n.expr + ".Text()", true
	case depth == maxDepth:
		return "", false
	}
	for _, name := range deltaNames {
		inner, found := j.find(n, always, name)
		if !found {
			continue
		}
		if expr, ok := j.delta(inner.first(), depth+1); ok {
			return expr, true
		}
	}
	return "", false
}

func isBytes(t types.Type) bool {
	slice, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	basic, ok := slice.Elem().Underlying().(*types.Basic)
	return ok && basic.Kind() == types.Byte
}

// isNamedText reports whether a value has a method that returns its text.
func isNamedText(t types.Type) bool { return yields(t, "Text", isString) }

// outParam finds the parameter that the answer is written to (R13).
func (j *judge) outParam() {
	for _, param := range j.Params {
		if isOutName(param) {
			j.add(Fact{"output." + param.Name, param.Name, "R13"})
			j.hide = append(j.hide, param.Name)
			j.why("R13", param.Name)
		}
	}
}

// isOutName reports whether a parameter is where the answer goes.
func isOutName(param Value) bool {
	_, pointers := deref(param.Type)
	empty := false
	if iface, ok := param.Type.Underlying().(*types.Interface); ok && !isTypeParam(param.Type) {
		empty = iface.Empty()
	}
	return (pointers > 0 || empty) && !param.Variadic && slices.Contains(outNamesR13, normal(param.Name))
}
