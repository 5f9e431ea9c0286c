package shape

import (
	"go/types"
	"slices"
	"strings"
)

// Judgement is what is known of a call.
type Judgement struct {
	Type    string   // llm or tool where the types say so, or empty
	Plain   bool     // it only lists, counts, gets or the like: a directive over the whole type does not mean it
	Facts   []Fact   // what to record
	Members []Member // what to record of some of the values
	Hide    []string // parameters that are no inputs
	Why     string   // which rules found what, for people
}

// Judge applies the rules. explicit is the type of span that somebody wrote, or empty; s is the stream of the call, or
// nil; it is followed unless nobody can make another one. There are facts about calls of models only.
func (c *Call) Judge(explicit string, s *Stream, followed bool) Judgement {
	if c.Known == nil {
		return c.apply(explicit, s, followed)
	}
	asked := c.question(explicit, s, followed)
	answer, known := c.Known.recall(asked)
	if !known {
		answer = c.apply(explicit, s, followed)
		c.Known.keep(asked, answer)
	}
	return answer
}

func (c *Call) apply(explicit string, s *Stream, followed bool) Judgement {
	j := &judge{Call: c, stream: s, followed: followed, joined: "output"}
	j.usage = c.findUsage(j.roots())
	members := j.findMembers()
	j.counted = j.counted || j.usage != nil
	j.inputs()
	result := Judgement{Plain: j.plain()}
	kind, rule := j.kind()
	if result.Plain && kind == "llm" {
		kind = "" // it counts what a call would cost
	}
	if explicit == "" && kind != "" {
		result.Type = kind
	}
	if explicit != "llm" && (explicit != "" || kind != "llm") {
		if result.Type != "" {
			result.Why = rule + " " + result.Type
		}
		return result
	}
	if result.Plain {
		return result
	}
	if explicit == "" {
		j.why(rule, kind)
	}
	j.collect()
	result.Facts, result.Hide, result.Members = j.facts, j.hide, j.tellMembers(members)
	result.Why = strings.Join(j.reasons, ", ")
	return result
}

// judge is one application of the rules.
type judge struct {
	*Call
	stream   *Stream
	followed bool // the stream is
	counted  bool // tokens are, somewhere
	usage    *usage
	input    []Fact // R6; none where all parameters are inputs, as they are by default
	asked    bool   // there is an input
	answered bool   // there is an answer besides the stream
	joined   string // what the text of the elements is called
	split    bool   // the inputs are fields of a request
	facts    []Fact
	hide     []string
	reasons  []string
}

func (j *judge) why(rule, what string) {
	j.reasons = append(j.reasons, strings.TrimSpace(rule+" "+what))
}

// add notes facts. Of two about one key the first holds.
func (j *judge) add(facts ...Fact) {
	for _, f := range facts {
		if !slices.ContainsFunc(j.facts, func(other Fact) bool { return other.Key == f.Key }) {
			j.facts = append(j.facts, f)
		}
	}
}

// answers are the values that the answer may be in: the results, or the elements of a stream where there is nothing
// else.
func (j *judge) answers() []node {
	var all []node
	for i, result := range j.Results {
		if !result.Failure && !j.isStream(i) {
			all = append(all, node{expr: result.Name, name: typeName(result.Type), typ: result.Type, key: result.Name})
		}
	}
	return all
}

// isStream reports whether a result is the stream, or the channel of its errors.
func (j *judge) isStream(i int) bool {
	return j.stream != nil && j.stream.Field == "" && (i == j.stream.Result || i == j.stream.Errors)
}

func (j *judge) chunk() []node {
	if j.stream == nil {
		return nil
	}
	return []node{{expr: chunkName, name: typeName(j.stream.Elem), typ: j.stream.Elem, key: chunkName}}
}

// chunkName is what expressions call an element of a stream.
const chunkName = "chunk"

func (j *judge) roots() []node { return append(j.answers(), j.chunk()...) }

func typeName(t types.Type) string {
	elem, _ := deref(t)
	if named, ok := types.Unalias(elem).(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// kind tells what kind of work a call is (R14).
func (j *judge) kind() (kind, rule string) {
	switch {
	case j.counted && j.asked:
		return "llm", "R14 usage and input:"
	case j.isEmbedding():
		return "llm", "R14 vectors:"
	case j.isTool():
		return "tool", "R14 name and arguments:"
	default:
		return "", ""
	}
}

// isEmbedding recognises text in, vectors out.
func (j *judge) isEmbedding() bool {
	if !slices.ContainsFunc(j.Results, func(v Value) bool { return isVectors(v.Type) }) {
		return false
	}
	return slices.ContainsFunc(j.Params, func(v Value) bool { return isTexts(v.Type) && !v.Variadic })
}

// isVectors reports whether t is a vector of floats or a list of such.
func isVectors(t types.Type) bool {
	elem := t
	for range 2 {
		slice, ok := elem.Underlying().(*types.Slice)
		if !ok {
			return false
		}
		elem = slice.Elem()
		if basic, ok := elem.Underlying().(*types.Basic); ok {
			return basic.Info()&types.IsFloat != 0
		}
	}
	return false
}

// isTexts reports whether t is a string or a list of strings.
func isTexts(t types.Type) bool {
	if slice, ok := t.Underlying().(*types.Slice); ok {
		t = slice.Elem()
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

var (
	toolNames     = []string{"name", "tool", "toolname", "function", "functionname"}
	argumentNames = []string{"args", "arguments", "params", "input", "argsjson", "argumentsjson"}
)

// isTool recognises a name and arguments in, and nothing else: how tools are executed.
func (j *judge) isTool() bool {
	var named, arguments bool
	others := 0
	for _, param := range j.Params {
		switch name := normal(param.Name); {
		case slices.Contains(toolNames, name):
			named = isString(param.Type)
		case slices.Contains(argumentNames, name):
			arguments = isArguments(param.Type)
		case !j.Context(param.Type) && !param.Variadic:
			others++
		}
	}
	return named && arguments && others == 0
}

// isArguments reports whether t is a map by name, or JSON.
func isArguments(t types.Type) bool {
	switch under := t.Underlying().(type) {
	case *types.Map:
		return isString(under.Key())
	case *types.Slice:
		return isNamed(t, "encoding/json", "RawMessage")
	default:
		return false
	}
}

var plainVerbs = []string{
	"list", "get", "cancel", "retrieve", "delete", "remove", "close", "ping", "health", "healthy", "healthcheck", "name", "model", "models",
	"dimensions", "dimension", "status", "info", "capabilities", "supports", "validate", "shutdown", "provider",
}

// plain reports whether a call is about models, and none of one.
func (j *judge) plain() bool {
	verb := firstWord(j.Name)
	data := slices.ContainsFunc(j.Params, func(v Value) bool { return j.Data(v.Type) && !j.Context(v.Type) })
	switch {
	case j.returnsSelf():
		return true // it makes another of its kind
	case verb == "count" || verb == "tokenize" && j.usage == nil:
		return true
	case j.counted && j.asked:
		return false
	case j.stream != nil:
		return false
	default:
		return !data || slices.Contains(plainVerbs, verb) && !j.asked
	}
}

func (c *Call) returnsSelf() bool {
	return slices.ContainsFunc(c.Results, func(v Value) bool { return c.Self != nil && types.Identical(v.Type, c.Self) })
}

// firstWord is the verb of a Go name: "list" of ListModels.
func firstWord(name string) string {
	word, _, _ := strings.Cut(snake(name), "_")
	return word
}

// collect puts together what is recorded of a call of a model.
func (j *judge) collect() {
	j.add(j.input...)
	j.requestModel()
	j.streamed()
	if j.usage != nil && (j.followed || !isChunk(j.usage.node)) {
		j.count()
	}
	for _, answer := range j.answers() {
		j.answered = j.answer(answer) || j.answered
	}
	switch chunk := j.chunk(); {
	case chunk == nil || !j.followed:
	case j.stream.Kind == Lines:
		j.lines()
	case !j.answered || j.stream.Kind == Body:
		j.element(chunk[0])
	}
	j.hidden()
	j.outParam()
	j.receiverModel()
}

// count records the tokens. Of the nodes in an element the last count that is not 0 holds, whichever has it.
func (j *judge) count() {
	all := []*usage{j.usage}
	if isChunk(j.usage.node) {
		all = j.alike(j.chunk()[0], j.usage)
	}
	j.facts = append(j.facts, factsOf(all)...)
	for i, u := range all {
		rule := "R1"
		if i > 0 {
			rule = "R3"
		}
		j.why(rule, u.expr)
	}
}

// streamed tells how the elements of the answer come.
func (j *judge) streamed() {
	switch {
	case j.stream == nil:
	case j.followed:
		j.why(j.stream.Kind.Rule(), typeName(j.stream.Elem))
	default:
		j.why(j.stream.Kind.Rule(), "not followed: nobody else can make such a stream; see stream.new")
	}
}
