package generator_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator"
	"github.com/opikgen/opikgen/templates"
)

// readWhole are the packages for which more is looked up in dependencies than somebody names, so that all of them has
// to be read. It takes longer, so there should be few.
var readWhole = []string{
	"preset_anthropic", "preset_eino", "preset_langchaingo", // look-alikes that do without the packages that the runtime's types are made of
	"types_cut_dependency/events", "types_cut_dependency/named", "types_cut_dependency/opener", "types_cut_dependency/through",
}

// checkCut holds what is generated with dependencies from export data, of which only what is named is read, to what is
// generated with them from source. Vetting has compiled them. Packages are looked at one by one, as what one of them
// names is there for the others, too.
func (m module) checkCut(t *testing.T, cases []*goldenCase) {
	t.Helper()
	t.Setenv("GOFLAGS", "-trimpath") // as they were compiled
	var whole []string
	for _, c := range cases {
		for _, folder := range c.users() {
			if m.generateOver(t, c, folder, presetFolders(cases)) {
				whole = append(whole, path.Join(c.name, folder))
			}
		}
	}
	assert.Equal(t, readWhole, whole)
}

// users returns the folders of the case whose packages may use a module that the case brings along.
func (c *goldenCase) users() []string {
	isModule := func(name string) bool { return path.Base(name) == "go.mod" }
	if c.isModule() || !slices.ContainsFunc(slices.Collect(maps.Keys(c.sources())), isModule) {
		return nil
	}
	var folders []string
	for name := range c.wanted() {
		folders = append(folders, path.Dir(name))
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// generateOver generates for one package, and reports whether all of its dependencies was read.
func (m module) generateOver(t *testing.T, c *goldenCase, folder string, presets []string) (whole bool) {
	t.Helper()
	var log strings.Builder
	result, err := generator.Generate(t.Context(), generator.Options{
		Dir: m.dir, Patterns: []string{"./" + path.Join(c.name, folder)}, Presets: templates.FS, Templates: presets,
		Logf: func(format string, args ...any) { fmt.Fprintf(&log, format+"\n", args...) },
	})
	require.NoError(t, err)
	assert.NotContains(t, log.String(), "no export data", "%s/%s", c.name, folder)
	want := c.wanted()
	maps.DeleteFunc(want, func(name, _ string) bool { return path.Dir(name) != folder })
	assertSame(t, "golden", want, "generated over export data", m.contents(c, result.Files))
	return strings.Contains(log.String(), "reading all of them")
}
