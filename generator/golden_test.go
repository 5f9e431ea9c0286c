package generator_test

import (
	"flag"
	"go/format"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/imports"

	"github.com/opikgen/opikgen/generator"
	"github.com/opikgen/opikgen/templates"
)

var update = flag.Bool("update", false, "record what is generated, if all of it vets")

// TestGolden generates all cases of testdata/golden in one run and compares what comes out, byte by byte. It vets the
// outputs, runs the cases that have something to say, and holds what must be true of every output: it is a fixed
// point of gofmt, of goimports and of the generator itself, which begins with what the go command said the first time.
func TestGolden(t *testing.T) {
	cases := readCases(t)
	module := unpack(t, cases)
	result := module.generate(t, cases)
	module.write(t, result.Files)
	vetted := module.vet(t, cases)
	outputs := module.run(t, cases)
	again := module.generate(t, cases)

	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := module.contents(c, result.Files)
			if *update && vetted && !t.Failed() {
				c.record(t, got, outputs[c.name])
			}
			assert.NotEmpty(t, c.why(), "the text on top says why the case exists")
			c.checkDiagnostics(t, module.diagnostics(c, result.Diagnostics))
			assertSame(t, "golden", c.wanted(), "generated", got)
			assertSame(t, "generated", got, "generated over the output", module.contents(c, again.Files))
			assert.Equal(t, c.wantedOutput(), outputs[c.name])
			for name, content := range got {
				checkFormat(t, filepath.Join(module.dir, c.name, name), content)
			}
		})
	}
	module.checkCut(t, cases)
	assert.Equal(t, result.Tracked, again.Tracked)
	for _, diagnostic := range result.Diagnostics {
		assert.True(t, slices.ContainsFunc(cases, func(c *goldenCase) bool {
			_, ok := module.inCase(c, diagnostic.Pos.Filename)
			return ok
		}), "no case is about %s", diagnostic)
	}
}

// assertSame shows the difference between two sets of files.
func assertSame(t *testing.T, wantName string, want map[string]string, gotName string, got map[string]string) {
	t.Helper()
	names := slices.Concat(slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		difference := diff.Diff(wantName, []byte(want[name]), gotName, []byte(got[name]))
		if len(difference) > 0 {
			t.Errorf("%s:\n%s", name, difference)
		}
	}
}

// checkFormat holds generated code to gofmt and goimports, which may look up imports here.
func checkFormat(t *testing.T, path, content string) {
	t.Helper()
	formatted, err := format.Source([]byte(content))
	require.NoError(t, err)
	assert.Equal(t, string(formatted), content, "gofmt changes nothing")
	imported, err := imports.Process(path, []byte(content), nil)
	require.NoError(t, err)
	assert.Equal(t, string(imported), content, "goimports changes nothing")
}

// generate runs the generator over the whole module, and over the cases that are modules of their own.
func (m module) generate(t *testing.T, cases []*goldenCase) *generator.Result {
	t.Helper()
	opts := generator.Options{
		Dir: m.dir, Patterns: []string{"./..."}, Presets: templates.FS, Templates: presetFolders(cases), CacheDir: m.cache,
	}
	all, err := generator.Generate(t.Context(), opts)
	require.NoError(t, err)
	for _, c := range cases {
		if !c.isModule() {
			continue
		}
		result, err := generator.Generate(t.Context(), generator.Options{
			Dir: filepath.Join(m.dir, c.name), Patterns: []string{"./..."}, Presets: templates.FS, CacheDir: m.cache,
		})
		require.NoError(t, err)
		all.Files = append(all.Files, result.Files...)
		all.Diagnostics = append(all.Diagnostics, result.Diagnostics...)
		all.Tracked = append(all.Tracked, result.Tracked...)
	}
	return all
}
