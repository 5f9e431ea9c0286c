package model_test

import (
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/model"
)

func TestBuildDecidesWhatAFileSays(t *testing.T) {
	file := build(t, `
import ctxpkg "context"

//opik:track type=llm project_name=support flush
type Model interface {
	Ask(c ctxpkg.Context, question string) (answer string, err error)
	//opik:ignore
	Close() error
}

//opik:track
func tool(n int) {}
`)
	assert.Equal(t, "m", file.Package)
	assert.Equal(t, []string{"m.go"}, file.Sources)
	assert.Equal(t, "opik", file.Runtime)
	assert.Equal(t, []model.Import{
		{Path: "context", Name: "ctxpkg", Explicit: true},
		{Path: model.RuntimePath, Name: "opik", Explicit: true},
	}, file.Imports)
	require.Len(t, file.Decls, 2)
	assert.Len(t, file.Decls[0].(*model.Wrapper).Methods, 2)

	ask := calls(file)["Model.Ask"]
	assert.Equal(t, &model.Span{
		Var: "span", Start: "StartSpan", Context: "c", Replaced: "c",
		Name: "Model.Ask", Type: "TypeLLM", Project: "support", Flush: true,
		Before: []model.Line{
			{Call: "SetProvider", Method: true, Args: []string{"t.provider"}, Chosen: true},
			{Call: "CaptureInput", Args: []string{`"question"`, "question"}},
		},
		After:   []model.Line{{Call: "CaptureOutput", Args: []string{`"answer"`, "answer"}}},
		Errors:  []string{"err"},
		Skipped: true,
	}, ask.Span)
	assert.True(t, ask.Named)
	assert.Equal(t, "t.inner.Ask", ask.Callee)

	tool := calls(file)["tool"]
	assert.Equal(t, "ctxpkg.Background()", tool.Span.Context)
	assert.Equal(t, "_", tool.Span.Replaced)
	assert.NotContains(t, calls(file), "Model.Close", "an ignored method is written, but is no tracked call")
}

func TestCallsStopsWhenAsked(t *testing.T) {
	file := build(t, `
//opik:track
type I interface{ A(); B(); C() }
`)
	var seen []string
	for _, call := range file.Calls() {
		seen = append(seen, call.Name)
		if call.Name == "B" {
			break
		}
	}
	assert.Equal(t, []string{"A", "B"}, seen)
}

func TestBuildLeavesOutWhatIsWrong(t *testing.T) {
	file, diagnostics := model.Build(loadSource(t, `
//opik:track input.x=missing
func wrong(n int) {}

//opik:track
func right(n int) {}
`), model.Defaults{})
	require.Len(t, diagnostics, 1)
	assert.Equal(t, 4, diagnostics[0].Pos.Line)
	assert.Equal(t, 22, diagnostics[0].Pos.Column)
	assert.Contains(t, calls(file), "right")
	assert.NotContains(t, calls(file), "wrong")

	file, diagnostics = model.Build(loadSource(t, `
//opik:track input.x=missing
func wrong(n int) {}
`), model.Defaults{})
	assert.Len(t, diagnostics, 1)
	assert.Nil(t, file, "there is nothing to write")
}

// TestBuildKnowsEveryKey makes sure that no key of the grammar is ignored in silence: it changes the model, or it is
// reported.
func TestBuildKnowsEveryKey(t *testing.T) {
	values := map[string]string{
		"type": "llm", "as": "Other", "capture_input": "false", "capture_output": "false", "ignore_arguments": "n", "redact": "n",
		"flush": "true", "create_duplicate_root_span": "false", "headers": "in",
	}
	const source = "//opik:track\nfunc f(n int, s string) (count int) { return 0 }\n"
	plain := build(t, source)
	pkg := loadSource(t, source)
	for _, key := range directive.Keys() {
		t.Run(key.Name, func(t *testing.T) {
			value, ok := values[key.Name]
			if !ok {
				value = "s"
			}
			if key.Name == "usage.KEY" {
				value = "n"
			}
			arg := directive.Arg{Pos: pkg.Sites[0].Directive.Pos, Key: key.Name, Value: value}
			pkg.Sites[0].Directive.Args = []directive.Arg{arg}
			file, diagnostics := model.Build(pkg, model.Defaults{})
			if len(diagnostics) == 0 {
				assert.NotEqual(t, plain.Decls, file.Decls)
			}
		})
	}
}

func TestBuildIsTheSameEveryTime(t *testing.T) {
	pkg := loadSource(t, `
import ("context"; "net/url"; "time")

//opik:track metadata.a=t.Unix() metadata.b=u.Path
type I interface {
	B(ctx context.Context, t time.Time, u *url.URL) error
	A(u *url.URL)
}
`)
	first, _ := model.Build(pkg, model.Defaults{})
	for range 10 {
		again, _ := model.Build(pkg, model.Defaults{})
		require.Equal(t, first.Imports, again.Imports)
		require.Equal(t, first.Decls, again.Decls)
	}
}

// TestBuildDoesNotTakeTheCompilersNames is about packages that are known by their export data: the compiler names the
// results of a function with a range over a function, and not as the source may.
func TestBuildDoesNotTakeTheCompilersNames(t *testing.T) {
	pkg := loadSource(t, `
//opik:track
type I interface{ M(bool) int }
`)
	params := types.NewTuple(types.NewVar(token.NoPos, pkg.Types, "#state1", types.Typ[types.Bool]))
	results := types.NewTuple(types.NewVar(token.NoPos, pkg.Types, "#rv1", types.Typ[types.Int]))
	method := types.NewFunc(token.NoPos, pkg.Types, "M", types.NewSignatureType(nil, nil, nil, params, results, false))
	obj := types.NewTypeName(token.NoPos, pkg.Types, "I", nil)
	types.NewNamed(obj, types.NewInterfaceType([]*types.Func{method}, nil).Complete(), nil)
	pkg.Sites[0].Object = obj

	file, diagnostics := model.Build(pkg, model.Defaults{})
	require.Empty(t, diagnostics)
	call := calls(file)["I.M"]
	assert.Equal(t, "b", call.Params[0].Name)
	assert.Equal(t, "output", call.Results[0].Name)
	assert.False(t, call.Named)
}
