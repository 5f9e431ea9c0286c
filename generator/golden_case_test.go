package generator_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/opikgen/opikgen/generator"
)

const goldenDir = "../testdata/golden"

// goldenCase is one archive of testdata/golden. Its files make up a folder of the golden module; those below want/
// say what is generated and, in want/output, what the case's function Run prints.
type goldenCase struct {
	name    string
	archive *txtar.Archive
}

func readCases(t *testing.T) []*goldenCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(goldenDir, "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var cases []*goldenCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		c := &goldenCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: archive}
		if c.uses(`import "C"`) && !hasCgo(t) {
			t.Logf("%s needs cgo: left out", c.name)
			continue
		}
		cases = append(cases, c)
	}
	return cases
}

// hasCgo asks the go command, which looks for a C compiler.
func hasCgo(t *testing.T) bool {
	t.Helper()
	enabled, err := exec.CommandContext(t.Context(), "go", "env", "CGO_ENABLED").Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(enabled)) == "1"
}

// uses reports whether a source of the case has the text.
func (c *goldenCase) uses(text string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(c.sources())), func(source string) bool {
		return strings.Contains(source, text)
	})
}

// has reports whether a source of the case has a name with that ending.
func (c *goldenCase) has(ending string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(c.sources())), func(name string) bool { return strings.HasSuffix(name, ending) })
}

// why is the prose on top of the archive.
func (c *goldenCase) why() string { return strings.TrimSpace(string(c.archive.Comment)) }

// sources returns the files that the generator sees, by name.
func (c *goldenCase) sources() map[string]string {
	return c.files(func(name string) (string, bool) { return name, !strings.HasPrefix(name, "want/") })
}

// wanted returns the files that are to be generated, by name.
func (c *goldenCase) wanted() map[string]string {
	return c.files(func(name string) (string, bool) {
		rest, found := strings.CutPrefix(name, "want/")
		return rest, found && rest != "output"
	})
}

// wantedOutput returns what the case is to print.
func (c *goldenCase) wantedOutput() string {
	return c.files(func(name string) (string, bool) { return name, name == "want/output" })["want/output"]
}

func (c *goldenCase) files(pick func(name string) (string, bool)) map[string]string {
	files := map[string]string{}
	for _, file := range c.archive.Files {
		if name, ok := pick(file.Name); ok {
			files[name] = string(file.Data)
		}
	}
	return files
}

// runs reports whether the case has a function Run that shows how its wrappers behave.
func (c *goldenCase) runs() bool {
	return c.uses("\nfunc Run() {")
}

// checkDiagnostics holds the findings to the comments // want "regexp" on the lines that they are about. A finding is
// matched as "column: message".
func (c *goldenCase) checkDiagnostics(t *testing.T, found []generator.Diagnostic) {
	t.Helper()
	expected := c.expectations(t)
	for _, diagnostic := range found {
		place := fmt.Sprintf("%s:%d", filepath.Base(diagnostic.Pos.Filename), diagnostic.Pos.Line)
		text := fmt.Sprintf("%d: %s", diagnostic.Pos.Column, diagnostic.Message)
		i := slices.IndexFunc(expected[place], func(want *regexp.Regexp) bool { return want.MatchString(text) })
		if assert.GreaterOrEqual(t, i, 0, "%s: unexpected finding: %s", place, text) {
			expected[place] = slices.Delete(expected[place], i, i+1)
		}
	}
	for place, missing := range expected {
		assert.Empty(t, missing, "%s: nothing found that matches", place)
	}
}

// expectations reads the comments // want "regexp" ... of all sources, by file and line. In presets and in opikgen.yaml
// they start with #.
func (c *goldenCase) expectations(t *testing.T) map[string][]*regexp.Regexp {
	t.Helper()
	expected := map[string][]*regexp.Regexp{}
	for name, source := range c.sources() {
		mark := "// want "
		if filepath.Ext(name) != ".go" {
			mark = "# want "
		}
		for i, line := range strings.Split(source, "\n") {
			if _, comment, found := strings.Cut(line, mark); found {
				expected[fmt.Sprintf("%s:%d", filepath.Base(name), i+1)] = regexps(t, comment)
			}
		}
	}
	return expected
}

// regexps reads quoted regular expressions.
func regexps(t *testing.T, text string) []*regexp.Regexp {
	t.Helper()
	var s scanner.Scanner
	source := []byte(text)
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), source, nil, 0)
	var all []*regexp.Regexp
	for {
		_, tok, literal := s.Scan()
		if tok != token.STRING {
			require.NotEmpty(t, all, "no quoted regular expression in %s", text)
			return all
		}
		unquoted, err := strconv.Unquote(literal)
		require.NoError(t, err)
		all = append(all, regexp.MustCompile(unquoted))
	}
}

// record replaces what is wanted in the archive by what was found. A case about diagnostics alone wants no files.
func (c *goldenCase) record(t *testing.T, files map[string]string, output string) {
	t.Helper()
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(file txtar.File) bool {
		return strings.HasPrefix(file.Name, "want/")
	})
	for _, name := range slices.Sorted(maps.Keys(files)) {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: "want/" + name, Data: []byte(files[name])})
	}
	if output != "" {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: "want/output", Data: []byte(output)})
	}
	require.NoError(t, os.WriteFile(filepath.Join(goldenDir, c.name+".txtar"), txtar.Format(c.archive), 0o644))
}
