package load_test

import (
	"go/token"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
)

// wrap is an extra as a project's file asks for it.
func wrap(dir, target, as string) load.Extra {
	return load.Extra{Dir: dir, Directive: directive.Directive{
		Pos:    token.Position{Filename: filepath.Join(dir, "opikgen.yaml"), Line: 3, Column: 5},
		Verb:   directive.Wrap,
		Target: target,
		Args:   []directive.Arg{{Key: "as", Value: as}},
	}}
}

func TestExtrasGenerateWhereNoDirectiveStands(t *testing.T) {
	dir := unpack(t, `
-- bare/a_test.go --
package bare
-- bare/b_linux.go --
package bare
-- bare/c.go --
package bare

import _ "strings"
-- bare/opik_gen.go --
`+header+`
package bare
-- both/both.go --
package both

//opik:track
func F() {}
-- narrow/narrow_linux.go --
package narrow
-- far/far.go --
package far
`)
	extras := []load.Extra{
		wrap(filepath.Join(dir, "bare"), "io.Reader", "Input"),
		wrap(filepath.Join(dir, "bare"), "io.Raeder", "Typo"),
		wrap(filepath.Join(dir, "both"), "strings.Reader", "Text"),
		wrap(filepath.Join(dir, "narrow"), "io.Reader", "Input"),
		wrap(filepath.Join(dir, "far"), "io.Reader", "Input"),
	}
	got := loadConfig(t, load.Config{Dir: dir, Patterns: []string{"./bare", "./both", "./narrow"}, Extras: extras})

	assert.Equal(t, []string{
		"bare/opik_gen.go: package bare",
		"\twrap io.Reader as=Input",
		"both/opik_gen.go: package both",
		"\tfunc F",
		"\twrap strings.Reader as=Text",
	}, got.lines())
	assert.Equal(t, []string{
		"bare/opikgen.yaml:3:5: //opik:wrap cannot wrap io.Raeder: package io has no Raeder; did you mean Reader?",
		"narrow/opikgen.yaml:3:5: io.Reader cannot be wrapped in narrow: no file there is part of its package on all platforms; add one with a package clause",
	}, got.diagnostics)
	assert.Empty(t, got.orphans())
	assert.Equal(t, []string{"opikgen.yaml"}, got.Packages[0].Sources)
	assert.Equal(t, []string{"both.go", "opikgen.yaml"}, got.Packages[1].Sources)
	assert.Equal(t, "c.go", filepath.Base(got.Packages[0].Fset.Position(got.Packages[0].Sites[0].File.Package).Filename))
}

// TestExtrasOfOtherPackagesAreKnown has a signature name a wrapper that is generated in a package outside the pattern.
func TestExtrasOfOtherPackagesAreKnown(t *testing.T) {
	dir := unpack(t, `
-- a/a.go --
package a

import "example.com/m/b"

//opik:track
func F(in *b.TrackedInput) {}
-- b/b.go --
package b
`)
	got := loadConfig(t, load.Config{Dir: dir, Patterns: []string{"./a"}, Extras: []load.Extra{wrap(filepath.Join(dir, "b"), "io.Reader", "Input")}})
	assert.Empty(t, got.diagnostics)
	assert.Empty(t, got.Packages[0].TypeErrors)
	assert.Equal(t, []string{"a/opik_gen.go: package a", "\tfunc F"}, got.lines())
}
