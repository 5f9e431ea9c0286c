package generator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator"
)

// module is the folder that all golden cases are unpacked into: one module, in which every case is a folder.
type module struct {
	dir   string
	cache string // where what the go command says is kept
}

const goldenModule = "example.com/golden"

// unpack writes the golden module. It uses this repository's runtime.
func unpack(t *testing.T, cases []*goldenCase) module {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	m := module{dir: dir, cache: t.TempDir()}
	m.writeModuleFiles(t, cases)
	for _, c := range cases {
		for name, source := range c.sources() {
			m.writeFile(t, filepath.Join(c.name, name), source)
		}
	}
	return m
}

// writeModuleFiles derives go.mod from the repository's, whose requirements are then known to be complete. It adds the
// modules that cases bring along.
func (m module) writeModuleFiles(t *testing.T, cases []*goldenCase) {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	const path = "github.com/opikgen/opikgen"
	text := strings.Replace(string(goMod), "module "+path, "module "+goldenModule, 1)
	text = strings.Replace(text, "tool "+path+"/cmd/opikgen", "", 1)
	text += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", path, path, root)
	for _, c := range cases {
		if c.isModule() {
			m.writeFile(t, filepath.Join(c.name, "go.mod"), strings.Replace(text, goldenModule, c.path(), 1))
			m.writeFile(t, filepath.Join(c.name, "go.sum"), string(goSum))
		}
	}
	m.writeFile(t, "go.mod", text+requirements(t, cases))
	m.writeFile(t, "go.sum", string(goSum))
}

func (m module) writeFile(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(m.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// write puts the generated files in their places.
func (m module) write(t *testing.T, files []generator.File) {
	t.Helper()
	for _, file := range files {
		require.NoError(t, os.WriteFile(file.Path, file.Content, 0o644))
	}
}

// vet compiles and vets all cases together, but for those whose sources do not compile on purpose.
func (m module) vet(t *testing.T, cases []*goldenCase) bool {
	t.Helper()
	args := []string{"vet", "-trimpath"}
	for _, c := range cases {
		if !strings.HasPrefix(c.name, "broken_") {
			args = append(args, c.path()+"/...")
		}
	}
	output, err := m.command(t, "go", args...).CombinedOutput()
	return assert.NoError(t, err, "what was generated does not vet:\n%s", output)
}

// run returns what the functions Run of the cases print, by the name of the case. One program holds them all, and each
// runs in a process of its own: once with tracing off, and once with tracing on, which must make no difference.
func (m module) run(t *testing.T, cases []*goldenCase) map[string]string {
	t.Helper()
	var imports, branches strings.Builder
	var running []*goldenCase
	for _, c := range cases {
		if c.runs() {
			running = append(running, c)
			fmt.Fprintf(&imports, "\t%s %q\n", c.name, c.path())
			fmt.Fprintf(&branches, "\tcase %q:\n\t\t%s.Run()\n", c.name, c.name)
		}
	}
	m.writeFile(t, "main.go", fmt.Sprintf(mainProgram, imports.String(), branches.String()))
	program := filepath.Join(m.dir, "run.exe")
	build := []string{"build", "-trimpath", "-o", program}
	if raceEnabled {
		build = append(build, "-race")
	}
	output, err := m.command(t, "go", append(build, ".")...).CombinedOutput()
	if !assert.NoError(t, err, "the cases that run do not build:\n%s", output) {
		return nil
	}
	outputs := map[string]string{}
	for _, c := range running {
		outputs[c.name] = m.runOne(t, program, c, "OPIK_TRACK_DISABLE=true")
		traced := m.runOne(t, program, c, "OPIK_SINK=file:"+filepath.Join(m.dir, c.name, "rows.json"))
		assert.Equal(t, outputs[c.name], traced, "%s: off and traced", c.name)
	}
	return outputs
}

// mainProgram holds the cases that run. They are told by their names. After a case about streams no goroutine is left.
const mainProgram = `package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	opik "github.com/opikgen/opikgen/runtime"
	"go.uber.org/goleak"
%s)

func main() {
	switch os.Args[1] {
%s	}
	_ = opik.Close(context.Background())
	if !strings.HasPrefix(os.Args[1], "stream_") {
		return
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

func (m module) runOne(t *testing.T, program string, c *goldenCase, environment string) string {
	t.Helper()
	cmd := m.command(t, program, c.name)
	cmd.Env = append(cmd.Env, environment)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	require.NoError(t, err, "%s with %s: %s", c.name, environment, complaints.String())
	return string(output)
}

// command prepares a command in the module. No client is configured, so nothing is recorded.
func (m module) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+m.dir)
	return cmd
}

// contents returns the generated files of a case, by their names below its folder.
func (m module) contents(c *goldenCase, files []generator.File) map[string]string {
	found := map[string]string{}
	for _, file := range files {
		if name, ok := m.inCase(c, file.Path); ok {
			found[name] = string(file.Content)
		}
	}
	return found
}

// diagnostics returns the findings about a case.
func (m module) diagnostics(c *goldenCase, all []generator.Diagnostic) []generator.Diagnostic {
	var found []generator.Diagnostic
	for _, diagnostic := range all {
		if _, ok := m.inCase(c, diagnostic.Pos.Filename); ok {
			found = append(found, diagnostic)
		}
	}
	return found
}

func (m module) inCase(c *goldenCase, path string) (name string, ok bool) {
	name, ok = strings.CutPrefix(path, filepath.Join(m.dir, c.name)+string(filepath.Separator))
	return filepath.ToSlash(name), ok
}
