package generator_test

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// path is the import path of the case's folder.
func (c *goldenCase) path() string { return goldenModule + "/" + c.name }

// isModule reports whether the case is a module of its own, because it has a file that belongs to a module's root.
func (c *goldenCase) isModule() bool {
	_, ok := c.sources()["opikgen.yaml"]
	return ok
}

var (
	moduleClause = regexp.MustCompile(`(?m)^module (\S+)$`)
	majorVersion = regexp.MustCompile(`/(v[0-9]+)$`)
)

// requirements returns the lines of go.mod for the modules that the cases bring along: their own, and look-alikes of
// other people's, whose go.mod is in the archive.
func requirements(t *testing.T, cases []*goldenCase) string {
	t.Helper()
	var lines strings.Builder
	for _, c := range cases {
		if c.isModule() {
			addRequirement(&lines, c.path(), c.name)
		}
		for name, source := range c.sources() {
			if path.Base(name) == "go.mod" {
				clause := moduleClause.FindStringSubmatch(source)
				require.NotNil(t, clause, "%s: %s", c.name, name)
				addRequirement(&lines, clause[1], path.Join(c.name, path.Dir(name)))
			}
		}
	}
	return lines.String()
}

func addRequirement(lines *strings.Builder, module, dir string) {
	version := "v0.0.0"
	if major := majorVersion.FindStringSubmatch(module); major != nil {
		version = major[1] + ".0.0"
	}
	fmt.Fprintf(lines, "\nrequire %s %s\n\nreplace %s => ./%s\n", module, version, module, dir)
}

// presetFolders returns the folders of presets that the cases bring along, relative to the golden module.
func presetFolders(cases []*goldenCase) []string {
	var folders []string
	for _, c := range cases {
		if c.has(".preset") && !c.isModule() {
			folders = append(folders, filepath.Join(c.name, "presets"))
		}
	}
	return folders
}
