package model_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const shapes = `
import "context"

type Request struct {
	Model, APIKey string
	Messages []string
	Temperature float64
}

type Response struct {
	Text string
	Usage struct{ PromptTokens, CompletionTokens, TotalTokens int }
}

type Client struct{}
`

func TestShapesGiveWayToWhatIsWritten(t *testing.T) {
	byTarget := calls(build(t, shapes+`
//opik:track
func (Client) Found(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track type=general
func (Client) General(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track preset=none
func (Client) None(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track capture_input=false capture_output=false
func (Client) Silent(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track input.question=req.Messages[0] output.answer=resp.Text
func (Client) Chosen(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track redact=req
func (Client) Redacted(ctx context.Context, req Request) (*Response, error) { return nil, nil }

//opik:track ignore_arguments=req
func (Client) Ignored(ctx context.Context, req Request) (*Response, error) { return nil, nil }
`))
	usage := []string{
		`CaptureUsage "prompt_tokens" output.Usage.PromptTokens if output != nil`,
		`CaptureUsage "completion_tokens" output.Usage.CompletionTokens if output != nil`,
		`CaptureUsage "total_tokens" output.Usage.TotalTokens if output != nil`,
	}
	found := byTarget["Client.Found"].Span
	assert.Equal(t, "TypeLLM", found.Type)
	assert.Equal(t, "R14 usage and input: llm, R5 req.Model, R1 output.Usage, R7 output.Text", found.Shape)
	assert.Equal(t, []string{
		`CaptureMetadata "temperature" req.Temperature`, `CaptureInput "messages" req.Messages`, `CaptureModel req.Model`,
	}, lines(found.Before))
	assert.Equal(t, append([]string{`CaptureOutput "text" output.Text if output != nil`}, usage...), lines(found.After))

	for _, target := range []string{"Client.General", "Client.None"} {
		span := byTarget[target].Span
		assert.Empty(t, span.Type, target)
		assert.Empty(t, span.Shape, target)
		assert.Equal(t, []string{`CaptureInput "req" req`}, lines(span.Before), target)
	}
	silent := byTarget["Client.Silent"].Span
	assert.Equal(t, []string{`CaptureModel req.Model`}, lines(silent.Before))
	assert.Equal(t, usage, lines(silent.After))
	chosen := byTarget["Client.Chosen"].Span
	assert.Equal(t, []string{`CaptureInput "question" req.Messages[0] if len(req.Messages) > 0`, `CaptureModel req.Model`}, lines(chosen.Before))
	assert.Equal(t, []string{`RedactInput "messages"`, `CaptureModel req.Model`}, lines(byTarget["Client.Redacted"].Span.Before))
	assert.Equal(t, []string{`CaptureModel req.Model`}, lines(byTarget["Client.Ignored"].Span.Before))
}

// TestStandInIsTheRuntime holds what the checker is told of the runtime to what it is.
func TestStandInIsTheRuntime(t *testing.T) {
	standIn := signatures(t, ".", func(name string) bool { return name == "standin.txt" })
	runtime := signatures(t, "../../../runtime", func(name string) bool {
		return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
	})
	require.NotEmpty(t, standIn)
	for name, signature := range standIn {
		assert.Equal(t, signature, runtime[name], name)
	}
}

// signatures prints the types of all functions and methods of the files in a folder, by name.
func signatures(t *testing.T, dir string, chosen func(string) bool) map[string]string {
	t.Helper()
	found := map[string]string{}
	fset := token.NewFileSet()
	root, err := fs.ReadDir(osDir(dir), ".")
	require.NoError(t, err)
	for _, entry := range root {
		if !chosen(entry.Name()) {
			continue
		}
		source, err := fs.ReadFile(osDir(dir), entry.Name())
		require.NoError(t, err)
		file, err := parser.ParseFile(fset, entry.Name(), source, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, fn := range exportedFuncs(file) {
			found[owner(fn)+fn.Name.Name] = typesOf(fn.Type.Params) + typesOf(fn.Type.Results)
		}
	}
	return found
}

func exportedFuncs(file *ast.File) []*ast.FuncDecl {
	var all []*ast.FuncDecl
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.IsExported() {
			all = append(all, fn)
		}
	}
	return all
}

func owner(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	return types.ExprString(fn.Recv.List[0].Type) + "."
}

// typesOf prints the types of a list without the names.
func typesOf(list *ast.FieldList) string {
	if list == nil {
		return "()"
	}
	var all []string
	for _, field := range list.List {
		all = append(all, slices.Repeat([]string{withoutNames(field.Type)}, max(1, len(field.Names)))...)
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// withoutNames prints a type, a function's without the names of its parameters. Raw JSON is bytes.
func withoutNames(expr ast.Expr) string {
	if fn, ok := expr.(*ast.FuncType); ok {
		return "func" + typesOf(fn.Params) + typesOf(fn.Results)
	}
	return strings.ReplaceAll(types.ExprString(expr), "json.RawMessage", "[]byte")
}

func osDir(dir string) fs.FS { return os.DirFS(dir) }
