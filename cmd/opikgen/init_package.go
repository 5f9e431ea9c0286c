package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator"
)

// generateLine is what go generate runs in the package's folder.
const generateLine = "//go:generate go tool opikgen"

// generates matches the lines that run opikgen, whatever way.
var generates = regexp.MustCompile(`(?m)^//go:generate\s.*\bopikgen\b.*$`)

// source is a file of the package that go generate looks into.
type source struct {
	path string
	text []byte
	file *ast.File
	fset *token.FileSet
}

// planGenerate finds the place for the line: the first file with a directive or, while there is none, a file of its
// own that shows what a directive looks like.
func planGenerate(dir string) (step, error) {
	sources, err := readSources(dir)
	if err != nil {
		return step{}, err
	}
	if i := slices.IndexFunc(sources, source.generates); i >= 0 {
		return sources[i].kept(), nil
	}
	if i := slices.IndexFunc(sources, source.hasDirective); i >= 0 {
		return sources[i].withLine(), nil
	}
	path := filepath.Join(dir, firstFile)
	if i := slices.IndexFunc(sources, func(s source) bool { return s.path == path }); i >= 0 {
		return sources[i].withLine(), nil
	}
	return newSource(path, packageName(sources))
}

// readSources parses the files that make up the package on this platform, by name. Generated ones are left out.
func readSources(dir string) ([]source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for the package: %w", err)
	}
	var sources []source
	for _, entry := range entries {
		if matched, err := build.Default.MatchFile(dir, entry.Name()); err != nil || !matched || filepath.Ext(entry.Name()) != ".go" {
			continue // what cannot be read cannot be built either, and go generate passes over it
		}
		s, err := readSource(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		if !ast.IsGenerated(s.file) {
			sources = append(sources, s)
		}
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("there is no Go package in %s: run opikgen -init in the folder of one", dir)
	}
	return sources, nil
}

func readSource(path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, fmt.Errorf("reading the package: %w", err)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, short(path), text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, fmt.Errorf("reading the package: %w", err)
	}
	return source{path: path, text: text, file: file, fset: fset}, nil
}

// packageName is that of the package itself, also where all that there is of it is external tests.
func packageName(sources []source) string {
	name := sources[0].file.Name.Name
	for _, s := range sources {
		if !strings.HasSuffix(s.path, "_test.go") {
			return s.file.Name.Name
		}
	}
	return strings.TrimSuffix(name, "_test")
}

func (s source) generates() bool { return generates.Match(s.text) }

// hasDirective reports whether the file asks for a wrapper.
func (s source) hasDirective() bool {
	return slices.ContainsFunc(s.file.Comments, func(group *ast.CommentGroup) bool { return slices.ContainsFunc(group.List, asksForWrapper) })
}

func asksForWrapper(comment *ast.Comment) bool {
	return strings.HasPrefix(comment.Text, "//opik:track") || strings.HasPrefix(comment.Text, "//opik:wrap")
}

// kept leaves the file as it is.
func (s source) kept() step {
	line := bytes.TrimSpace(generates.Find(s.text))
	return step{
		file: generator.File{Path: s.path, Content: s.text, Current: s.text},
		says: fmt.Sprintf("%s: %s is there already\n", short(s.path), line),
	}
}

// withLine puts the line below the file's imports, in a paragraph of its own.
func (s source) withLine() step {
	above, below, newline := s.splitBelowImports()
	line := newline + newline + generateLine
	if !bytes.HasPrefix(below, []byte(newline+newline)) && string(below) != newline {
		line += newline
	}
	return step{
		file: generator.File{Path: s.path, Content: slices.Concat(above, []byte(line), below), Current: s.text},
		says: fmt.Sprintf("%s: added %s\n", short(s.path), generateLine),
	}
}

// splitBelowImports cuts the file at the end of the line that ends its imports or, without any, its package clause. The
// rest starts with the newline, of which some files have another than others.
func (s source) splitBelowImports() (above, below []byte, newline string) {
	end := s.file.Name.End()
	for _, decl := range s.file.Decls {
		if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.IMPORT {
			end = decl.End()
		}
	}
	offset := s.fset.PositionFor(end, false).Offset
	line, _, _ := bytes.Cut(s.text[offset:], []byte("\n"))
	newline = "\n"
	if bytes.HasSuffix(line, []byte("\r")) {
		line, newline = line[:len(line)-1], "\r\n"
	}
	offset += len(line)
	return s.text[:offset], s.text[offset:], newline
}

// firstFile is the file that a package without directives gets.
const firstFile = "opik.go"

// firstText is what stands in it below the package clause. The directive in it is indented, and so is none.
const firstText = `
` + generateLine + `

// Put a directive over what you want to trace,
//
//	//opik:track
//	func answer(ctx context.Context, question string) (string, error) { ... }
//
// run go generate, and call answerTracked in answer's place. opikgen -h lists what a directive can say.
`

// newSource plans the file for a package without directives. It refuses to replace one that is there and is not part
// of the package on this platform.
func newSource(path, packageName string) (step, error) {
	if _, err := os.Lstat(path); err == nil {
		return step{}, fmt.Errorf("%s is no part of the package here, because of its build constraint or because it is generated: "+
			"put %s into another file", short(path), generateLine)
	}
	return step{
		file: generator.File{Path: path, Content: []byte("package " + packageName + "\n" + firstText)},
		says: fmt.Sprintf("%s: added, with %s\n", short(path), generateLine),
	}, nil
}
