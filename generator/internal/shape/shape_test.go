package shape_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

const header = `package p

import (
	"context"
	"io"
	"iter"
)

var _ context.Context
var _ io.Reader
var _ iter.Seq[int]

type Usage struct {
	PromptTokens     int ` + "`json:\"prompt_tokens\"`" + `
	CompletionTokens int ` + "`json:\"completion_tokens\"`" + `
}

type Request struct {
	Model    string
	Messages []string
}

type Response struct {
	Model   string
	Choices []Choice
	Usage   *Usage
}

type Choice struct {
	FinishReason string
	Delta        struct{ Content string }
}

type Stream[T any] interface {
	Recv() (T, error)
	Close() error
}
`

// standard reads the standard library once.
var (
	fset     = token.NewFileSet()
	standard = importer.ForCompiler(fset, "source", nil)
)

// call type-checks source and describes its function F, or the method F of its type or interface I.
func call(t testing.TB, source string) *shape.Call {
	t.Helper()
	file, err := parser.ParseFile(fset, "p.go", header+source, 0)
	require.NoError(t, err)
	config := types.Config{Importer: standard}
	pkg, err := config.Check("example.com/p", fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	return describe(pkg)
}

func describe(pkg *types.Package) *shape.Call {
	c := &shape.Call{
		Package: pkg, Name: "F",
		Context: func(t types.Type) bool { return types.TypeString(t, nil) == "context.Context" },
		Data: func(t types.Type) bool {
			_, fn := t.Underlying().(*types.Signature)
			_, iface := t.Underlying().(*types.Interface)
			return !fn && !iface
		},
	}
	var sig *types.Signature
	if owner := pkg.Scope().Lookup("I"); owner != nil {
		object, _, _ := types.LookupFieldOrMethod(owner.Type(), true, pkg, "F")
		sig, c.Self = object.(*types.Func).Signature(), owner.Type()
	} else {
		sig = pkg.Scope().Lookup("F").Type().(*types.Signature)
	}
	for v := range sig.Params().Variables() {
		c.Params = append(c.Params, shape.Value{Name: v.Name(), Type: v.Type()})
	}
	for v := range sig.Results().Variables() {
		name := v.Name()
		if name == "" {
			name = "output"
		}
		c.Results = append(c.Results, shape.Value{Name: name, Type: v.Type(), Failure: types.TypeString(v.Type(), nil) == "error"})
	}
	return c
}

// facts returns what was found as "key=expression".
func facts(j shape.Judgement) []string {
	var all []string
	for _, f := range j.Facts {
		all = append(all, f.Key+"="+f.Expr)
	}
	return all
}

func judge(c *shape.Call, explicit string) shape.Judgement {
	streams := c.Streams()
	if len(streams) == 0 {
		return c.Judge(explicit, nil, false)
	}
	return c.Judge(explicit, &streams[0], !streams[0].Concrete)
}

func TestJudge(t *testing.T) {
	tests := map[string]struct {
		source, explicit, kind string
		facts                  []string
	}{
		"usage and input make a call of a model": {
			source: `func F(ctx context.Context, req Request) (*Response, error) { panic("") }`, kind: "llm",
			facts: []string{
				"input.messages=req.Messages", "request_model=req.Model", "usage.prompt_tokens=output.Usage.PromptTokens",
				"usage.completion_tokens=output.Usage.CompletionTokens",
				"usage.total_tokens=output.Usage.PromptTokens + output.Usage.CompletionTokens", "model=output.Model",
				"metadata.finish_reason=output.Choices[0].FinishReason", "output.choices=output.Choices",
			},
		},
		"usage without an input is billed elsewhere": {source: `func F(id string) (*Response, error) { panic("") }`},
		"an explicit word wins": {
			source: `func F(req Request) (*Response, error) { panic("") }`, explicit: "general",
		},
		"the chunks of a stream": {
			source: `func F(prompt string) (Stream[Response], error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=chunk.Usage.PromptTokens", "usage.completion_tokens=chunk.Usage.CompletionTokens",
				"stream.output.output=chunk.Choices[0].Delta.Content", "model=chunk.Model",
				"metadata.finish_reason=chunk.Choices[0].FinishReason",
			},
		},
		"vectors": {source: `func F(texts []string) ([][]float32, error) { panic("") }`, kind: "llm", facts: []string{"output.vectors=len(output)"}},
		"a tool":  {source: `func F(name string, args map[string]any) (string, error) { panic("") }`, kind: "tool"},
		"counting tokens under a directive over the type": {
			source: `type I interface{ F(ctx context.Context) ([]string, error) }`, explicit: "llm",
		},
		"cached tokens that Opik would miss": {
			source: `type U struct {
				InputTokens, OutputTokens int
				InputTokensDetails struct{ CachedTokens int }
			}
			func F(input string) (struct{ Usage U }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.Usage.InputTokens", "usage.completion_tokens=output.Usage.OutputTokens",
				"usage.total_tokens=output.Usage.InputTokens + output.Usage.OutputTokens",
				"usage.original_usage.input_tokens=output.Usage.InputTokens", "usage.original_usage.output_tokens=output.Usage.OutputTokens",
				"usage.original_usage.input_tokens_details.cached_tokens=output.Usage.InputTokensDetails.CachedTokens",
				"usage.cache_read_input_tokens=output.Usage.InputTokensDetails.CachedTokens",
			},
		},
		"a limit is no count": {source: `func F(prompt string) (struct{ MaxTokens, TotalTokens int }, error) { panic("") }`},
		"counts in two places of an element": {
			source: `type E struct { Usage *Usage; Message struct{ Usage Usage }; ToolUsage Usage; Self *E }
			func F(prompt string) Stream[E] { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=chunk.Usage.PromptTokens", "usage.completion_tokens=chunk.Usage.CompletionTokens",
				"usage.prompt_tokens=chunk.Message.Usage.PromptTokens", "usage.completion_tokens=chunk.Message.Usage.CompletionTokens",
			},
		},
		"a model that the client names": {
			source: `type I interface{ F(prompt string) (string, error); Model() string }`, explicit: "llm",
			facts: []string{"model()=recv.Model"},
		},
		"a model by task is another's": {
			source: `type I interface{ F(prompt string) (string, error); Model(task string) string }`, explicit: "llm",
		},
		"lines of a body": {
			source: `func F(prompt string) (io.ReadCloser, error) { panic("") }`, explicit: "llm",
			facts: []string{"stream.accumulator=opik.Deltas", "stream.each=acc.Add(span, chunk)", "output.answer=acc.JSON()"},
		},
		"an answer into a parameter": {
			source: `func F(prompt string, out any) error { panic("") }`, explicit: "llm", facts: []string{"output.out=out"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found := judge(call(t, test.source), test.explicit)
			assert.Equal(t, test.kind, found.Type)
			assert.Equal(t, test.facts, facts(found))
			assert.Equal(t, facts(found), facts(judge(call(t, test.source), test.explicit)), "the same again")
		})
	}
}

func TestStreams(t *testing.T) {
	tests := map[string]struct {
		source string
		want   []shape.StreamKind
	}{
		"sequence":           {`func F() iter.Seq[string] { panic("") }`, []shape.StreamKind{shape.Seq}},
		"sequence of errors": {`func F() (iter.Seq2[*Response, error], error) { panic("") }`, []shape.StreamKind{shape.Seq2}},
		"pairs":              {`func F() iter.Seq2[string, int] { panic("") }`, nil},
		"channel":            {`func F() (<-chan int, error) { panic("") }`, []shape.StreamKind{shape.Chan}},
		"channels":           {`func F() (<-chan int, <-chan error) { panic("") }`, []shape.StreamKind{shape.Chans}},
		"to send to":         {`func F() chan<- int { panic("") }`, nil},
		"both ways":          {`func F() chan int { panic("") }`, []shape.StreamKind{shape.ChanBoth}},
		"receiver":           {`func F() (Stream[int], error) { panic("") }`, []shape.StreamKind{shape.Recv}},
		"callback":           {`func F(fn func(Response) error) error { panic("") }`, []shape.StreamKind{shape.Func}},
		"with a context":     {`func F(fn func(context.Context, []byte) error) error { panic("") }`, []shape.StreamKind{shape.FuncContext}},
		"body":               {`func F() (int, *struct{ Body io.ReadCloser }, error) { panic("") }`, []shape.StreamKind{shape.Lines, shape.Body}},
		"pull":               {`func F() (next func() (int, bool), stop func()) { panic("") }`, nil},
		"a type parameter":   {`func F[T any]() T { panic("") }`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []shape.StreamKind
			for _, s := range call(t, test.source).Streams() {
				got = append(got, s.Kind)
				assert.NotEmpty(t, s.Kind.Rule())
				assert.NotEmpty(t, s.Kind.Word())
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// TestMembers shows what is told of what only a part of the values are.
func TestMembers(t *testing.T) {
	tests := map[string]struct {
		source string
		want   []string
		why    string
	}{
		"a sealed result": {
			`type S interface{ s() }; type A struct{ Text string; Usage Usage }; func (*A) s() {}; type B string; func (B) s() {}; type c int; func (c) s() {}
			func F(prompt string) (S, error) { panic("") }`,
			[]string{
				"*example.com/p.A result 0 usage.prompt_tokens=member.Usage.PromptTokens", "*example.com/p.A result 0 usage.completion_tokens=member.Usage.CompletionTokens",
				"*example.com/p.A result 0 usage.total_tokens=member.Usage.PromptTokens + member.Usage.CompletionTokens", "*example.com/p.A result 0 output.text=member.Text",
				"example.com/p.B result 0 output.output=member", "example.com/p.c result 0 output.output=member",
			}, "R14 usage and input: llm, R11 S",
		},
		"another callback": {
			`func F(prompt string, onText, onThinking func(string), onEvent func(struct{ Model string; Usage Usage }) error) error { panic("") }`,
			[]string{
				"string callback 2 stream.output.thinking=chunk",
				"struct{Model string; Usage example.com/p.Usage} callback 3 usage.prompt_tokens=chunk.Usage.PromptTokens",
				"struct{Model string; Usage example.com/p.Usage} callback 3 usage.completion_tokens=chunk.Usage.CompletionTokens",
				"struct{Model string; Usage example.com/p.Usage} callback 3 model=chunk.Model",
			}, "R14 usage and input: llm, S5, R10 chunk, S5 onThinking, S5 onEvent",
		},
		"a stream in a reply": {
			`type Reply interface{ Stream() <-chan string; Usage() Usage }; func F(prompt string) (Reply, error) { panic("") }`, nil,
			"R14 usage and input: llm, R1 output.Usage(), S4 Reply.Stream not followed: track or wrap Reply, too, and what is returned is wrapped again",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found := judge(call(t, test.source), "")
			var got []string
			for _, m := range found.Members {
				for _, f := range m.Facts {
					place := fmt.Sprintf("result %d", m.Result)
					if m.Param >= 0 {
						place = fmt.Sprintf("callback %d", m.Param)
					}
					got = append(got, m.Type.String()+" "+place+" "+f.Key+"="+f.Expr)
				}
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.why, found.Why)
		})
	}
}

// TestWeirdTypes shows that no type makes the rules fail or run for ever.
func TestWeirdTypes(t *testing.T) {
	sources := []string{
		`type T[P any] struct { Next *T[P]; Usage *T2[P] }; type T2[P any] struct { *T[P]; Tokens *T2[P] }; func F(prompt string) *T[int] { panic("") }`,
		`type T struct { *T; Usage **Usage; Self []T }; func F(messages []T) (T, **T) { panic("") }`,
		`type A = *A2; type A2 struct { A A; Message A }; func F(message A) A { panic("") }`,
		`func F[P ~[]float32, Q interface{ Usage() Usage }, R *Usage](prompt P, q Q) (P, Q, R) { panic("") }`,
		`type I interface { F(prompt string) I; Usage() I; Message() I; Text() I; Model() I }`,
		`type S interface { s(); S2 }; type S2 interface { s2() }; type X struct{}; func (X) s() {}; func (*X) s2() {}
		func F(prompt string) <-chan S { panic("") }`,
		`type D [3]struct{ Usage [2]Usage }; func F(struct{}, ...func(*D)) (D, func(func(D) bool), chan chan D) { panic("") }`,
		`func F(_, _ string, _ func()) (_ any, _ struct{ _ int }) { panic("") }`,
	}
	for _, source := range sources {
		for _, explicit := range []string{"", "llm", "tool"} {
			assert.NotPanics(t, func() { judge(call(t, source), explicit) }, source)
		}
	}
}
