package vet

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// isConstrained reports whether a declaration stands in a file that is not part of every build. Such a method may
// rightly be missing from the wrapper: not all platforms need have it.
func (c *checker) isConstrained(pos token.Pos) bool {
	tokens := c.Fset.File(pos)
	if implies(filepath.Base(tokens.Name())) {
		return true
	}
	for _, file := range c.Files {
		if c.Fset.File(file.Package) == tokens {
			return hasBuildLine(file)
		}
	}
	return false
}

// hasBuildLine reports whether there is a //go:build line above the package clause.
func hasBuildLine(file *ast.File) bool {
	return slices.ContainsFunc(comments(file), func(comment *ast.Comment) bool {
		return comment.Pos() < file.Package && constraint.IsGoBuild(comment.Text)
	})
}

// implies reports whether a file's name selects a platform by its ending.
func implies(base string) bool {
	nowhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	matches, err := nowhere.MatchFile("", base)
	return err == nil && !matches
}
