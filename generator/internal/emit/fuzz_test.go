package emit_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/emit"
	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
)

// FuzzExpression captures any text at all. What the model accepts must be printed as code that compiles; what it does
// not accept must be a diagnostic within the text.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"req", "req.Model", "req.Items[0].Name", `req.Map["a"].Name`, "resp.Usage.Total", "*resp.Usage.Limit", "fmt.Sprint(req, n)", "n / m",
		"req.Items[len(req.Items)-1]", "string(req.Model)", "Item{Name: text}", "[]int{n, m}", "err.Error()", "f(n)", "<-ch", "func() {}", "x.(int)",
		"req.Items[1:2]", "generic[int](n)", "nil", "text[", "a,b", "\"q\"", "`r`", "t t", "map[string]int{text: n}[text]", "&req.Items[0]", "(req)", "req.Get",
		"append(req.Items)", "unsafe.Sizeof(n)", "opik", "len(ctx.Value(1).(string))", "interface{}(n)", "struct{ A int }{n}.A", "1<<n", "generic", "1<<100", "1e999", "99999999999999999999", "-1", "'\x00'", "1e400*1e400", "fmt", "T", "resp", "err", "true", "^n", "T(n)", "[...]int{1}[n]",
		"req.Next.Next.Next.Model", "func(n int) int { return n }(n)", "\n", "//", "/* */ n", "n //", "'a'", "1i", "req == nil || req.Model == text",
	} {
		f.Add("input.x", seed)
		f.Add("name", seed)
		f.Add("tags", seed)
		f.Add("usage.x", seed)
		f.Add("model", seed)
		f.Add("redact", seed)
		f.Add("metadata.x", seed)
	}
	pkg := loadSource(f, fuzzed)
	world := newWorld(f, pkg)
	f.Fuzz(func(t *testing.T, key, value string) {
		if !slices.Contains([]string{"input.x", "output.x", "metadata.x", "usage.x", "name", "tags", "model", "thread_id", "provider", "redact", "ignore_arguments"}, key) {
			t.Skip()
		}
		site := pkg.Sites[0]
		site.Directive.Args = []directive.Arg{{Pos: site.Directive.Pos, ValuePos: site.Directive.Pos, Key: key, Value: value}}
		file, diagnostics := model.Build(pkg, model.Defaults{})
		if len(diagnostics) > 0 {
			column := diagnostics[0].Pos.Column - site.Directive.Pos.Column
			require.LessOrEqual(t, column, len(value))
			require.GreaterOrEqual(t, column, 0, diagnostics[0].Message)
			return
		}
		source, err := emit.Emit(file)
		require.NoError(t, err)
		require.NoError(t, world.check(source), "%s=%s:\n%s", key, value, source)
	})
}

const fuzzed = `
import (
	"context"
	"fmt"
	"net/http"
	. "strings"
	"unsafe"
)

type Request struct {
	Model string
	Items []*Item
	Map   map[string]*Item
	Next  *Request
	Get   func() *Item
}

type Item struct{ Name string }

type T int

type Response struct {
	Usage *struct {
		Total int
		Limit *float64
	}
}

func generic[T any](t T) T { return t }

//opik:track
func track[V any](ctx context.Context, req *Request, n, m int, text string, ch chan int, f func(int) int, x any, v V, nil int) (*Response, error) { return nil, nil }

var (
	_ = fmt.Sprint
	_ = ToUpper
	_ unsafe.Pointer
	_ http.Handler
)
`

// world is all packages that generated code can import, with a runtime that consists of declarations alone.
type world struct {
	pkg      *load.Package
	packages map[string]*types.Package
}

func newWorld(t testing.TB, pkg *load.Package) *world {
	t.Helper()
	w := &world{pkg: pkg, packages: map[string]*types.Package{"unsafe": types.Unsafe}}
	w.add(pkg.Types)
	runtime, err := parser.ParseFile(pkg.Fset, "runtime.go", runtimeDeclarations, 0)
	require.NoError(t, err)
	config := types.Config{Importer: w, IgnoreFuncBodies: true}
	w.packages[model.RuntimePath], err = config.Check(model.RuntimePath, pkg.Fset, []*ast.File{runtime}, nil)
	require.NoError(t, err)
	return w
}

func (w *world) add(pkg *types.Package) {
	for _, imported := range pkg.Imports() {
		if w.packages[imported.Path()] == nil {
			w.packages[imported.Path()] = imported
			w.add(imported)
		}
	}
}

func (w *world) Import(path string) (*types.Package, error) {
	if pkg, ok := w.packages[path]; ok {
		return pkg, nil
	}
	return nil, fmt.Errorf("%s is not part of this world", path)
}

// check type-checks a generated file together with the package's own, whose functions have lost their bodies.
func (w *world) check(source []byte) error {
	generated, err := parser.ParseFile(w.pkg.Fset, "opik_gen.go", source, 0)
	if err != nil {
		return err
	}
	var found error
	config := types.Config{Importer: w, Error: func(err error) {
		if failure, ok := errors.AsType[types.Error](err); ok && generated.Pos() <= failure.Pos && failure.Pos < generated.End() {
			found = errors.Join(found, err)
		}
	}}
	_, _ = config.Check(w.pkg.Path, w.pkg.Fset, append(slices.Clone(w.pkg.Files), generated), nil)
	return found
}

const runtimeDeclarations = `package opik

import (
	"context"
	"net/http"
)

const Generation1 = true

type SpanType string

const (
	TypeTool      SpanType = "tool"
	TypeLLM       SpanType = "llm"
	TypeGuardrail SpanType = "guardrail"
)

type SpanOptions struct {
	Type                   SpanType
	Project                string
	NoDuplicateRoot, Flush bool
}

type Span struct{}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

func Off(ctx context.Context) bool
func StartSpan(ctx context.Context, name string, o SpanOptions) (context.Context, *Span)
func StartRequest(r *http.Request, name string, o SpanOptions) (*http.Request, *Span)
func StartIncoming(r *http.Request, name string, o SpanOptions) (*http.Request, *Span)
func StartOutgoing(r *http.Request, name string, o SpanOptions) (*http.Request, *Span)
func Incoming[H ~map[string][]string](ctx context.Context, h H) context.Context { return ctx }
func IncomingMap[M ~map[string]string](ctx context.Context, m M) context.Context { return ctx }
func IncomingRequest(ctx context.Context, r *http.Request) context.Context
func Outgoing[H ~map[string][]string](ctx context.Context, h H) H { return h }
func OutgoingMap[M ~map[string]string](ctx context.Context, m M) M { return m }
func OutgoingRequest(ctx context.Context, r *http.Request) *http.Request
func CaptureInput[T any](s *Span, key string, v T) {}
func CaptureOutput[T any](s *Span, key string, v T) {}
func CaptureMetadata[T any](s *Span, key string, v T) {}
func CaptureUsage[N number](s *Span, key string, n N) {}
func CaptureModel[S ~string](s *Span, v S) {}
func CaptureThreadID[S ~string](s *Span, v S) {}
func (s *Span) Returned(errs ...error)
func (s *Span) End()
func (s *Span) AddTags(tags ...string)
func (s *Span) SetProvider(provider string)
func (s *Span) SetName(name string)
func (s *Span) RedactInput(key string)
`
