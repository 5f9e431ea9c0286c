package shape_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
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
	return callIn(t, "example.com/p", source)
}

// callIn is call for the package of another path.
func callIn(t testing.TB, path, source string) *shape.Call {
	t.Helper()
	file, err := parser.ParseFile(fset, "p.go", header+source, 0)
	require.NoError(t, err)
	config := types.Config{Importer: standard}
	pkg, err := config.Check(path, fset, []*ast.File{file}, nil)
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
		"an answer with what is beside it": {
			source: `type Reason int; func (Reason) String() string { return "" }
			type A struct { ID, Text, Refusal string; ToolCalls []string; StopReason Reason; Latency int; Usage Usage; Done func() }
			func F(prompt string) (A, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.Usage.PromptTokens", "usage.completion_tokens=output.Usage.CompletionTokens",
				"usage.total_tokens=output.Usage.PromptTokens + output.Usage.CompletionTokens",
				"metadata.finish_reason=output.StopReason.String()", "output.text=output.Text", "output.tool_calls=output.ToolCalls",
				"metadata.refusal=output.Refusal", "metadata.latency=output.Latency", "metadata.id=output.ID",
			},
		},
		"a number is no reason": {
			source: `func F(prompt string) (struct { Text string; FinishReason int; Usage Usage }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.Usage.PromptTokens", "usage.completion_tokens=output.Usage.CompletionTokens",
				"usage.total_tokens=output.Usage.PromptTokens + output.Usage.CompletionTokens", "output.text=output.Text",
			},
		},
		"of many settings the known ones": {
			source: `type R struct { Prompt, APIKey string; A, B, C, D, E, F, G, H, I, J, K, L, M, Temperature, MaxTokens int }
			func F(req R) (string, error) { panic("") }`, explicit: "llm",
			facts: []string{"input.prompt=req.Prompt", "metadata.temperature=req.Temperature", "metadata.max_tokens=req.MaxTokens"},
		},
		"a setting that may be left out": {
			source: `type Opt[T any] struct { Value T; set bool }; func (o Opt[T]) Valid() bool { return o.set }
			type Box[T any] struct { Content T }; func (Box[T]) Valid() bool { return true }
			func F(req struct { Prompt string; Temperature Opt[float64]; Other Box[int] }) (string, error) { panic("") }`, explicit: "llm",
			facts: []string{"input.prompt=req.Prompt", "metadata.temperature=req.Temperature.Value", "metadata.other=req.Other"},
		},
		"what opens doors is no setting": {
			source: `func F(req struct { Prompt, Seed, APIKey, Client_Secret string; AuthorizationHeader []string }) (string, error) { panic("") }`, explicit: "llm",
			facts: []string{"input.prompt=req.Prompt", "metadata.seed=req.Seed"},
		},
		"a count of its own": {
			source: `func F(prompt string) (struct { Text string; TokensUsed *int }, error) { panic("") }`, explicit: "llm",
			facts: []string{"output.text=output.Text", "metadata.tokens_used=output.TokensUsed", "usage.total_tokens=*output.TokensUsed"},
		},
		"counts in the answer are told once": {
			source: `func F(prompt string) (struct { Text string; InputTokens, OutputTokens int; Model string }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.input_tokens=output.InputTokens", "usage.output_tokens=output.OutputTokens", "model=output.Model", "output.text=output.Text",
			},
		},
		"all counts beside an answer": {
			source: `func F(prompt string) (struct {
				Text string
				InputTokens, OutputTokens, ReasoningTokens, ThoughtsTokenCount, ThinkingTokens, CacheCreationTokens, CacheWriteTokens, CachedTokens, Latency int
			}, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.input_tokens=output.InputTokens", "usage.output_tokens=output.OutputTokens", "usage.reasoning_tokens=output.ReasoningTokens",
				"usage.thoughts_token_count=output.ThoughtsTokenCount", "usage.thinking_tokens=output.ThinkingTokens",
				"usage.cache_creation_tokens=output.CacheCreationTokens", "usage.cache_write_tokens=output.CacheWriteTokens",
				"usage.cached_tokens=output.CachedTokens", "output.text=output.Text", "metadata.latency=output.Latency",
			},
		},
		"cached tokens of who counts what is written": {
			source: `type U struct {
				InputTokens, OutputTokens, CacheCreationInputTokens int
				Details struct{ CachedTokens int }
			}
			func F(input string) (struct{ Usage U }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.input_tokens=output.Usage.InputTokens", "usage.output_tokens=output.Usage.OutputTokens",
				"usage.cache_creation_input_tokens=output.Usage.CacheCreationInputTokens", "usage.details.cached_tokens=output.Usage.Details.CachedTokens",
			},
		},
		"words in names": {
			source: `func F(prompt string) (struct { Text, HTTPStatusCode, UserID, X_Y, ID2, ABTest string }, error) { panic("") }`, explicit: "llm",
			facts: []string{
				"output.text=output.Text", "metadata.http_status_code=output.HTTPStatusCode", "metadata.user_id=output.UserID",
				"metadata.x_y=output.X_Y", "metadata.id2=output.ID2", "metadata.ab_test=output.ABTest",
			},
		},
		"a vector":                        {source: `func F(text string) ([]float64, error) { panic("") }`, kind: "llm", facts: []string{"output.dimensions=len(output)"}},
		"vectors of numbers, not of text": {source: `func F(ids []int) ([][]float32, error) { panic("") }`},
		"bytes of a type parameter":       {source: `func F[T ~[]byte](prompt string) iter.Seq[T] { panic("") }`, explicit: "llm"},
		"an answer into what is pointed to": {
			source: `func F(prompt string, out *struct{ X int }) error { panic("") }`, explicit: "llm", facts: []string{"output.out=out"},
		},
		"no answer into a copy": {source: `func F(prompt string, out struct{ X int }) error { panic("") }`, explicit: "llm"},
		"a prompt by another name": {
			source: `func F(systemPrompt string) (struct{ Usage Usage }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.Usage.PromptTokens", "usage.completion_tokens=output.Usage.CompletionTokens",
				"usage.total_tokens=output.Usage.PromptTokens + output.Usage.CompletionTokens",
			},
		},
		"of two usages the one that says so": {
			source: `type Billed struct{ InputTokens, OutputTokens int }
			func F(prompt string) (struct { Billed Billed; UsageMetadata struct{ PromptTokens, InputTokens, CompletionTokens, TotalTokens int } }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.UsageMetadata.PromptTokens", "usage.input_tokens=output.UsageMetadata.InputTokens",
				"usage.completion_tokens=output.UsageMetadata.CompletionTokens", "usage.total_tokens=output.UsageMetadata.TotalTokens",
			},
		},
		"tokens by another name": {
			source: `type C struct { InputTokens, OutputTokens, CacheCreationInputTokens, ReasoningTokens int }
			func F(prompt string) (struct { Counted C; Tokens C }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.input_tokens=output.Tokens.InputTokens", "usage.output_tokens=output.Tokens.OutputTokens",
				"usage.cache_creation_input_tokens=output.Tokens.CacheCreationInputTokens", "usage.reasoning_tokens=output.Tokens.ReasoningTokens",
			},
		},
		"the usage of this call": {
			source: `func F(prompt string) (struct { Earlier, Usage Usage }, error) { panic("") }`, kind: "llm",
			facts: []string{
				"usage.prompt_tokens=output.Usage.PromptTokens", "usage.completion_tokens=output.Usage.CompletionTokens",
				"usage.total_tokens=output.Usage.PromptTokens + output.Usage.CompletionTokens",
			},
		},
		"numbers of another shape": {source: `func F(texts []string) ([][][]float32, error) { panic("") }`},
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

// TestKeysOfProviders: what a provider calls its counts is what Opik reads, by the package of the type.
func TestKeysOfProviders(t *testing.T) {
	const source = `type Counts struct { InputTokens, OutputTokens, CacheReadInputTokens int; Named int ` + "`json:\"namedCount\"`" + ` }
		func F(prompt string) (struct{ Usage Counts }, error) { panic("") }`
	for path, want := range map[string][]string{
		"example.com/p":                  {"input_tokens", "output_tokens", "cache_read_input_tokens", "namedCount"},
		"google.golang.org/genai":        {"input_tokens", "output_tokens", "cache_read_input_tokens", "named"},
		"cloud.google.com/go/vertexai":   {"input_tokens", "output_tokens", "cache_read_input_tokens", "named"},
		"github.com/aws/aws-sdk-go-v2/p": {"inputTokens", "outputTokens", "cacheReadInputTokens", "namedCount"},
	} {
		var got []string
		for _, f := range judge(callIn(t, path, source), "").Facts {
			if key, ok := strings.CutPrefix(f.Key, "usage."); ok {
				got = append(got, key)
			}
		}
		assert.Equal(t, want, got, path)
	}
}

func TestStreams(t *testing.T) {
	tests := map[string]struct {
		source string
		want   []shape.StreamKind
	}{
		"sequence":           {`func F() iter.Seq[string] { panic("") }`, []shape.StreamKind{shape.Seq}},
		"sequence of errors": {`func F() (iter.Seq2[*Response, error], error) { panic("") }`, []shape.StreamKind{shape.Seq2}},
		"another iterator":   {`func F() interface{ Next() bool; Current() int; Err() string } { panic("") }`, nil},
		"events":             {`func F() interface{ Events() <-chan int; Err() error } { panic("") }`, []shape.StreamKind{shape.Events}},
		"events both ways":   {`func F() interface{ Events() chan int; Err() error } { panic("") }`, nil},
		"variadic callback":  {`func F(fn func(...int) error) error { panic("") }`, nil},
		"pointer to pointer": {`func F() **struct{ Body io.ReadCloser } { panic("") }`, nil},
		"three of each":      {`func F() func(yield func(int, int, error) bool) { panic("") }`, nil},
		"a yield of nothing": {`func F() func(yield func(int)) { panic("") }`, nil},
		"a yield of any":     {`func F() func(yield func(...int) bool) { panic("") }`, nil},
		"no yield":           {`func F() func(int) { panic("") }`, nil},
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
				got = append(got, memberFacts(m)...)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.why, found.Why)
		})
	}
}

// TestWhy shows which rules are told of, and where nothing can be followed what to write.
func TestWhy(t *testing.T) {
	for source, want := range map[string]string{
		`func F(prompt string) (struct{ Text, Model string; TokensUsed int }, error) { panic("") }`: "R5 output.Model, R7 output.Text, R1 output.TokensUsed",
		`func F(prompt string, out *int) error { panic("") }`:                                       "R13 out",
		`func F(prompt string) (struct{ Body io.ReadCloser }, error) { panic("") }`:                 "body not followed: write stream=lines or stream=body",
		`type I interface{ F(prompt string) (string, error); Model() string }`:                      "R5 recv.Model()",
		`type Replies struct{}; func (Replies) Recv() (string, error) { return "", nil }
		func F(prompt string) (Replies, error) { panic("") }`: "S2 not followed: nobody else can make such a stream; see stream.new",
		`type Reply struct{}; func (Reply) Chunks() <-chan string { return nil }; func (Reply) hidden() <-chan string { return nil }
		func F(prompt string) (Reply, error) { panic("") }`: "S4 Reply.Chunks not followed: track the function that reads it",
		`type Reply struct{}; func (Reply) hidden() <-chan string { return nil }
		func F(prompt string) (Reply, error) { panic("") }`: "",
	} {
		c := call(t, source)
		streams := c.Streams()
		if len(streams) == 0 || streams[0].Kind.IsBody() {
			assert.Equal(t, want, c.Judge("llm", nil, false).Why, source)
			continue
		}
		assert.Equal(t, want, c.Judge("llm", &streams[0], false).Why, source)
	}
}

// memberFacts prints what is found of one of the types that a value may be of.
func memberFacts(m shape.Member) []string {
	place := fmt.Sprintf("%s result %d ", m.Type, m.Result)
	if m.Param >= 0 {
		place = fmt.Sprintf("%s callback %d ", m.Type, m.Param)
	}
	var facts []string
	for _, f := range m.Facts {
		facts = append(facts, place+f.Key+"="+f.Expr)
	}
	return facts
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
