package shape

import (
	"go/types"
	"slices"
	"strings"
)

// The names of R5 and R6, in the order in which they are searched.
var (
	modelNames = []string{"model", "modelversion", "modelname", "modelid"}
	inputNames = []string{
		"messages", "contents", "content", "input", "inputs", "prompt", "message", "query", "question", "text", "texts", "parts", "arguments",
		"system", "systeminstruction", "systemprompt", "instructions", "preamble", "chathistory", "history",
	}
	parameterNames = append([]string{"msgs", "msg", "systemmessage", "usermessage"}, inputNames...)
)

// mostSettings is how many settings of a request are recorded one by one. Of larger requests the well-known ones are.
const mostSettings = 12

var settingNames = []string{
	"temperature", "topp", "topk", "maxtokens", "maxoutputtokens", "maxcompletiontokens", "stop", "stopsequences", "seed", "tools", "toolchoice",
	"responseformat", "n", "dimensions", "size", "quality", "voice", "language",
}

// inputs finds the inputs (R6). Of a request, a struct, they are fields; otherwise parameters with telling names.
func (j *judge) inputs() {
	for _, param := range j.Params {
		if j.Context(param.Type) || param.Variadic && !j.Data(param.Type) {
			continue
		}
		if fields := j.requestInputs(param); len(fields) > 0 {
			j.split = true
			j.input = append(j.input, fields...)
		}
	}
	for _, param := range j.Params {
		if j.Context(param.Type) || !j.Data(param.Type) || j.isRequest(param) || isModelParam(param) || isOutName(param) {
			continue
		}
		if j.split {
			j.input = append(j.input, Fact{"input." + param.Name, param.Name, "R6"})
		}
		j.asked = j.asked || isInputName(param.Name) && structOf(param.Type) == nil
	}
	j.asked = j.asked || j.split
}

func isInputName(name string) bool {
	name = normal(name)
	return slices.Contains(parameterNames, name) || strings.HasSuffix(name, "prompt")
}

// isRequest reports whether a parameter is a request whose fields are the inputs.
func (j *judge) isRequest(param Value) bool { return len(j.requestInputs(param)) > 0 }

// requestInputs returns the inputs among the fields of a parameter. A type that writes its own JSON decides for itself
// what is told of it.
func (j *judge) requestInputs(param Value) []Fact {
	if structOf(param.Type) == nil || param.Variadic || marshals(param.Type) {
		return nil
	}
	request := node{expr: param.Name, typ: param.Type}
	var inputs, settings []Fact
	for _, f := range j.fields(param.Type) {
		switch {
		case !j.Data(f.typ) || isSecret(f.name):
		case f.is(inputNames...):
			inputs = append(inputs, Fact{"input." + f.key(), f.of(request).expr, "R6"})
		case !f.is(modelNames...):
			settings = append(settings, setting(request, f))
		}
	}
	if len(inputs) == 0 {
		return nil
	}
	return append(inputs, few(settings)...)
}

// isSecret reports whether a field has the name of something that opens doors.
func isSecret(name string) bool {
	name = normal(name)
	return slices.ContainsFunc([]string{"apikey", "password", "secret", "authorization", "credential", "accesskey", "accesstoken", "bearer"},
		func(word string) bool { return strings.Contains(name, word) })
}

// setting is a field of a request that is no input.
func setting(request node, f field) Fact {
	n := f.of(request)
	if inner, ok := optional(f.typ); ok {
		n.expr += "." + inner
	}
	return Fact{"metadata." + f.key(), n.expr, "R6"}
}

// optional recognises a value that may be left out, as param.Opt[T] of the providers' packages: a struct with a field
// Value and a method Valid.
func optional(t types.Type) (fieldName string, ok bool) {
	structure, isStruct := t.Underlying().(*types.Struct)
	if !isStruct || !yields(t, "Valid", boolean) {
		return "", false
	}
	for v := range structure.Fields() {
		if v.Name() == "Value" {
			return v.Name(), true
		}
	}
	return "", false
}

// few leaves the well-known settings of a large request.
func few(settings []Fact) []Fact {
	if len(settings) <= mostSettings {
		return settings
	}
	return slices.DeleteFunc(settings, func(f Fact) bool {
		return !slices.Contains(settingNames, normal(strings.TrimPrefix(f.Key, "metadata.")))
	})
}

// marshals reports whether a value encodes itself.
func marshals(t types.Type) bool {
	elem, _ := deref(t)
	for _, name := range []string{"MarshalJSON", "MarshalText"} {
		object, _, _ := types.LookupFieldOrMethod(types.NewPointer(elem), false, nil, name)
		if _, ok := object.(*types.Func); ok {
			return true
		}
	}
	return false
}

// requestModel finds the model that is asked for (R5). That of the response, which is known later, replaces it.
func (j *judge) requestModel() {
	for _, param := range j.Params {
		if isModelParam(param) {
			j.asksFor(node{expr: param.Name, typ: param.Type})
			return
		}
		if structOf(param.Type) == nil || param.Variadic {
			continue
		}
		if found, ok := j.find(node{expr: param.Name, typ: param.Type}, textField, modelNames...); ok {
			j.asksFor(found)
			return
		}
	}
}

func (j *judge) asksFor(n node) {
	j.add(Fact{"request_model", n.value(), "R5"})
	j.why("R5", n.expr)
}

func (j *judge) model(n node) {
	j.add(Fact{"model", n.value(), "R5"})
	j.why("R5", n.expr)
}

func isModelParam(param Value) bool {
	return isText(param.Type) && slices.Contains(modelNames, normal(param.Name))
}

// ReceiverModel is the key of the fact that a method of what the call is a method of names the model. Its expression is
// the method.
const ReceiverModel = "model()"

// receiverModel finds that method where neither the response nor the request names a model (R5).
func (j *judge) receiverModel() {
	named := func(f Fact) bool { return f.Key == "model" || f.Key == "request_model" }
	if name := j.modelGetter(); name != "" && !slices.ContainsFunc(j.facts, named) {
		j.add(Fact{ReceiverModel, "recv." + name, "R5"})
		j.why("R5", "recv."+name+"()")
	}
}

// modelGetter returns the name of the method by which what the call is a method of names its model, or nothing.
func (c *Call) modelGetter() string {
	for _, name := range []string{"Model", "ModelName", "ModelID", "GetModel", "GetModelName", "GetModelID"} {
		if c.Self != nil && name != c.Name && yields(c.Self, name, isPlainText) {
			return name
		}
	}
	return ""
}

// isPlainText reports whether t is a kind of string itself.
func isPlainText(t types.Type) bool {
	_, pointers := deref(t)
	return isString(t) && pointers == 0
}
