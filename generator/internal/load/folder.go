package load

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/parallel"
)

// folder is what a look at the files of a folder finds, without their types.
type folder struct {
	dir         string
	sources     []*source // the files that hold directives, by name
	outputs     []string  // paths of this tool's own files
	others      []string  // paths of files that have the name of its own files and are not
	diagnostics []directive.Diagnostic
	unreadable  bool // a file that holds directives does not parse
}

// source is a file that holds directives.
type source struct {
	path       string
	file       *ast.File
	placed     []directive.Placed
	constraint constraint.Expr // or nil
	test       bool
	output     *output // that its directives ask for; nil where that cannot be written
}

// key returns what the file shares with the others that go into the same output.
func (s *source) key() outputKey {
	return outputKey{name: s.file.Name.Name, test: s.test, constraint: constraintText(s.constraint)}
}

// mentions returns the identifiers in the directives of the file: they may be of imports that nothing else in its
// declarations needs.
func (s *source) mentions() []string {
	var found []string
	for _, placed := range s.placed {
		for _, arg := range placed.Args {
			found = append(found, strings.FieldsFunc(arg.Value, isNoLetter)...)
		}
		if placed.HasTypeArguments() {
			found = append(found, strings.FieldsFunc(placed.Target, isNoLetter)...)
		}
	}
	return found
}

func isNoLetter(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// scan looks into folders for directives and for this tool's own files. A folder without either costs no more than
// reading its files.
func scan(ctx context.Context, fset *token.FileSet, dirs []string) ([]*folder, error) {
	folders := make([]*folder, len(dirs))
	errs := make([]error, len(dirs))
	err := parallel.Each(ctx, len(dirs), func(i int) {
		folders[i], errs[i] = scanFolder(fset, dirs[i])
	})
	if err != nil {
		return nil, err
	}
	return folders, errors.Join(errs...)
}

func scanFolder(fset *token.FileSet, dir string) (*folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for directives: %w", err)
	}
	f := &folder{dir: dir}
	for _, entry := range entries {
		if entry.IsDir() || !isGoFile(entry.Name()) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("looking for directives: %w", err)
		}
		f.add(fset, path, src)
	}
	return f, nil
}

// add sorts one file in.
func (f *folder) add(fset *token.FileSet, path string, src []byte) {
	base := filepath.Base(path)
	switch {
	case isOutput(base, src):
		f.outputs = append(f.outputs, path)
		return
	case hasOutputName(base):
		f.others = append(f.others, path)
	}
	if directive.Mentioned(src) {
		f.addSource(fset, path, src)
	}
}

// addSource parses a file that mentions the tool. It is a source if there is a directive among the mentions, or
// something that was meant as one.
func (f *folder) addSource(fset *token.FileSet, path string, src []byte) {
	file, err := parser.ParseFile(fset, path, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		f.unreadable = true
		f.diagnostics = append(f.diagnostics, syntaxErrors(err)...)
		return
	}
	placed, diagnostics := directive.Place(fset, file)
	dropBodies(file)
	renameC(file)
	f.diagnostics = append(f.diagnostics, diagnostics...)
	if len(placed) == 0 {
		return
	}
	_, test := nameTags(filepath.Base(path))
	f.sources = append(f.sources, &source{
		path:       path,
		file:       file,
		placed:     placed,
		constraint: constraintOf(filepath.Base(path), file),
		test:       test,
	})
}

// syntaxErrors turns what the parser says about one file into diagnostics.
func syntaxErrors(err error) []directive.Diagnostic {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return []directive.Diagnostic{{Message: err.Error()}}
	}
	list.RemoveMultiples()
	diagnostics := make([]directive.Diagnostic, len(list))
	for i, e := range list {
		diagnostics[i] = directive.Diagnostic{Pos: e.Pos, Message: e.Msg + "; nothing is generated for this package until that is put right"}
	}
	return diagnostics
}
