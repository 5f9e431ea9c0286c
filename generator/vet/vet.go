// Package vet holds an analyzer that finds where a program and its //opik:track directives have drifted apart.
//
// opikgen itself runs it, as "opikgen vet" and as "go vet -vettool=$(which opikgen)". Drivers that take analyzers,
// such as golangci-lint's or gopls's, can be given [Analyzer].
package vet

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

const doc = `check that tracked functions are called by their twins

opikgen writes a twin beside each function and method under //opik:track: answerTracked beside answer. Only calls of
the twin are recorded. The analyzer reports

  - direct calls of a function or method that has a twin. The fix calls the twin. Calls inside the function itself are
    left alone, since recursion belongs to the span that is open already, and so are calls in generated files, calls
    in tests of what is not itself declared in a test, as tests are about what a function does, and deferred calls of a
    function that recovers, as its twin would recover nothing;
  - functions and methods under a directive that take neither a context.Context nor a *http.Request, so that their
    spans have no parent and no children;
  - generated code that is stale: a directive without its twin or wrapper, a twin that no longer has the signature of its
    original, and a method that the wrapper of its type lacks. What else a directive says is compared by
    opikgen -check, which also works where a package does not compile.

A comment //nolint:opik at the end of a line silences what is reported there.`

// Analyzer reports direct calls of tracked functions, tracked functions without a context, and stale generated code.
// A function's twin is a fact, so calls are seen across packages and under the names that as= chose.
var Analyzer = &analysis.Analyzer{
	Name:             "opik",
	Doc:              doc,
	URL:              "https://pkg.go.dev/github.com/opikgen/opikgen/generator/vet",
	Run:              run,
	RunDespiteErrors: true, // a missing twin is the first reason why a package does not compile
	FactTypes:        []analysis.Fact{new(twin)},
}

func run(pass *analysis.Pass) (any, error) {
	c := newChecker(pass)
	for _, placed := range c.placed {
		c.site(placed)
	}
	for _, file := range pass.Files {
		if !ast.IsGenerated(file) {
			c.calls(file)
		}
	}
	return nil, nil
}

// site checks what one directive asks for. Faulty directives are opikgen's to report.
func (c *checker) site(placed directive.Placed) {
	if placed.Faulty || placed.Verb == directive.Ignore {
		return
	}
	switch node := placed.Node.(type) {
	case nil:
		c.foreignType(placed.Directive)
	case *ast.TypeSpec:
		c.declaredType(placed.Directive, node)
	case *ast.FuncDecl:
		c.function(placed.Directive, node)
	}
}
