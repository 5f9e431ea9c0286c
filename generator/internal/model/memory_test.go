package model_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
)

// manyViews is a module whose packages see the same types, each with other eyes: one owns them, one tracks the stream
// that comes with an answer, one has never heard of a context.
const manyViews = `
-- llm/llm.go --
package llm

import "context"

type Usage struct{ PromptTokens, CompletionTokens int }

type Request struct {
	Messages []string
	model    string
}

type Response struct {
	Text  string
	usage Usage
}

type Stream interface{ Chunks() <-chan Chunk }

type Chunk struct{ Text string }

type Answer struct {
	Text  string
	Usage Usage
}

//opik:track type=llm
type Model interface {
	Ask(ctx context.Context, request Request) (*Response, error)
	Answer(ctx context.Context, request Request) (*Answer, error)
	Open(ctx context.Context, prompt string) (Stream, error)
}
-- caller/caller.go --
package caller

import (
	"context"

	"example.com/m/llm"
)

//opik:track type=llm
type Model interface {
	Ask(ctx context.Context, request llm.Request) (*llm.Response, error)
	Answer(ctx context.Context, request llm.Request) (*llm.Answer, error)
	Open(ctx context.Context, prompt string) (llm.Stream, error)
}
-- tracker/tracker.go --
package tracker

import (
	"context"

	"example.com/m/llm"
)

//opik:wrap example.com/m/llm.Stream as=Stream

//opik:track type=llm
type Model interface {
	Answer(ctx context.Context, request llm.Request) (*llm.Answer, error)
	Open(ctx context.Context, prompt string) (llm.Stream, error)
}
-- plain/plain.go --
package plain

type Request struct{ Messages []string }

//opik:track type=llm
type Model interface {
	Ask(request Request, prompt string) (string, error)
}
`

// TestMemoryChangesNothing builds packages with what others of the run have found out, in both orders.
func TestMemoryChangesNothing(t *testing.T) {
	pkgs := loadModule(t, manyViews)
	require.Len(t, pkgs, 4)
	checkMemory(t, pkgs)
	slices.Reverse(pkgs)
	checkMemory(t, pkgs)
}

// TestOwnersAreNoModel: what only the package of a type may say of it holds in no other, though it was checked before.
func TestOwnersAreNoModel(t *testing.T) {
	pkgs := loadModule(t, `
-- a/a.go --
package a

type Request struct{ hidden, Shown string }

//opik:track metadata.hidden=req.hidden metadata.shown=req.Shown
func ask(req Request) {}
-- b/b.go --
package b

import "example.com/m/a"

//opik:track metadata.shown=req.Shown metadata.hidden=req.hidden
func ask(req a.Request) {}
`)
	memory := new(model.Memory)
	_, found := model.Build(pkgs[0], model.Defaults{Memory: memory})
	assert.Empty(t, found)
	_, found = model.Build(pkgs[1], model.Defaults{Memory: memory})
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Message, "metadata.hidden: ")
}

// checkMemory builds each package with and without what those before it have found out.
func checkMemory(t *testing.T, pkgs []*load.Package) {
	t.Helper()
	memory := new(model.Memory)
	for _, pkg := range pkgs {
		want, wanted := model.Build(pkg, model.Defaults{})
		got, found := model.Build(pkg, model.Defaults{Memory: memory})
		assert.Equal(t, wanted, found, pkg.Path)
		for i := range want.Decls {
			assert.Equal(t, spans(want.Decls[i]), spans(got.Decls[i]), pkg.Path)
		}
	}
}

// TestOwnersSeeMore holds what the packages of manyViews differ in, or the test above shows nothing.
func TestOwnersSeeMore(t *testing.T) {
	memory := new(model.Memory)
	shapes := map[string]string{}
	for _, pkg := range loadModule(t, manyViews) {
		file, _ := model.Build(pkg, model.Defaults{Memory: memory})
		for target, call := range calls(file) {
			shapes[filepath.Base(pkg.Path)+" "+target] = call.Span.Shape
		}
	}
	assert.Contains(t, shapes["llm Model.Ask"], "R1 output.usage")
	assert.NotContains(t, shapes["caller Model.Ask"], "R1")
	assert.Equal(t, shapes["caller Model.Answer"], shapes["tracker Model.Answer"])
	assert.Contains(t, shapes["caller Model.Open"], "not followed")
	assert.NotContains(t, shapes["tracker Model.Open"], "not followed")
}

// spans returns what the calls of a declaration record.
func spans(decl model.Decl) []*model.Span {
	var all []*model.Span
	if wrapper, ok := decl.(*model.Wrapper); ok {
		for _, method := range wrapper.Methods {
			all = append(all, method.Span)
		}
	}
	return all
}

// loadModule loads the packages of a module in which nothing is wrong.
func loadModule(t *testing.T, archive string) []*load.Package {
	t.Helper()
	dir := t.TempDir()
	files := txtar.Parse([]byte(archive)).Files
	files = append(files, txtar.File{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.26\n")})
	for _, file := range files {
		path := filepath.Join(dir, file.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, file.Data, 0o644))
	}
	module, diagnostics, err := load.Load(t.Context(), load.Config{Dir: dir, Patterns: []string{"./..."}})
	require.NoError(t, err)
	require.Empty(t, diagnostics)
	return module.Packages
}
