package load_test

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// guessed is a module with what the go command has something to say about.
const guessed = `
-- a.go --
package m

import "example.com/m/sub"

//opik:track
func F(sub.T) {}
-- a_test.go --
package m

//opik:track
func testF() {}
-- other_windows.go --
package m

//opik:track
func G() {}
-- tool/tool.go --
package tool

//opik:track
func T() {}
-- sub/sub.go --
package sub

type T struct{}
-- sub/more.go --
package sub

type More struct{ T }
`

// run loads a folder until nothing has to be loaded again, and returns that with what was logged on the way.
func run(t *testing.T, dir, cache string) (last loaded, log string, err error) {
	t.Helper()
	var lines []string
	module, diagnostics, err := load.Load(t.Context(), load.Config{
		Dir: dir, Patterns: []string{"./..."}, CacheDir: cache,
		Logf: func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) },
	})
	for module != nil && err == nil {
		last = *newLoaded(module, dir, diagnostics)
		module, diagnostics, err = module.Again(t.Context())
	}
	return last, strings.Join(lines, "\n"), err
}

const (
	asked     = "go list: "
	isGuessed = "go list is taken to say what it said the last time"
	wasRight  = "go list does say so"
	wasWrong  = "go list says something else now"
)

// TestWhatTheGoCommandSaidIsUsed: from the second run on, with the platforms that files are for each by itself.
func TestWhatTheGoCommandSaidIsUsed(t *testing.T) {
	dir, cache := unpack(t, guessed), filepath.Join(t.TempDir(), "new", "cache")
	first, log, err := run(t, dir, cache)
	require.NoError(t, err)
	assert.Contains(t, log, asked)
	assert.NotContains(t, log, isGuessed)

	second, log, err := run(t, dir, cache)
	require.NoError(t, err)
	assert.NotContains(t, log, asked)
	assert.Contains(t, log, isGuessed)
	assert.Contains(t, log, wasRight)
	assert.Contains(t, log, "go list for windows/amd64 does say so")
	assert.Equal(t, first.lines(), second.lines())
	assert.Equal(t, first.diagnostics, second.diagnostics)
	for _, entry := range entries(t, cache) {
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
		assert.Regexp(t, `^opikgen-[0-9a-f]{32}\.json$`, entry.Name())
	}
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// TestNothingIsGuessedInTheEnd changes a module between two runs. What comes of the second is what comes where nothing
// is known of the first.
func TestNothingIsGuessedInTheEnd(t *testing.T) {
	tests := map[string]struct {
		changes map[string]string // of files; empty removes one
		says    string
	}{
		"nothing":                {nil, wasRight},
		"what is in a file":      {map[string]string{"a.go": "package m\n\n//opik:track\nfunc Other(n int) {}\n"}, wasWrong},
		"the body of a function": {map[string]string{"sub/sub.go": "package sub\n\ntype T struct{ N int }\n\nfunc f() {}\n"}, wasRight},
		"this tool's own file":   {map[string]string{"opik_gen.go": header + "package m\n\nfunc broken("}, wasRight},
		"one more source":        {map[string]string{"b.go": "package m\n\n//opik:track\nfunc B() {}\n"}, wasWrong},
		"one source less":        {map[string]string{"sub/more.go": ""}, wasWrong},
		"no source at all":       {map[string]string{"sub/sub.go": "", "sub/more.go": ""}, wasWrong},
		"one more import":        {map[string]string{"a.go": "package m\n\nimport \"io\"\n\n//opik:track\nfunc F(io.Reader) {}\n"}, wasWrong},
		"an import of nothing":   {map[string]string{"a.go": "package m\n\nimport \"example.com/m/gone\"\n\n//opik:track\nfunc F(gone.T) {}\n"}, wasWrong},
		"the name of a package":  {map[string]string{"sub/sub.go": "package other\n\ntype T struct{}\n", "sub/more.go": ""}, wasWrong},
		"two names of a package": {map[string]string{"sub/sub.go": "package other\n\ntype T struct{}\n"}, wasWrong},
		"a constraint":           {map[string]string{"sub/more.go": "//go:build ignore\n\npackage sub\n"}, wasWrong},
		"the name of the module": {map[string]string{"go.mod": "module example.com/renamed\n\ngo 1.26\n"}, wasWrong},
		"an import in a circle":  {map[string]string{"sub/sub.go": "package sub\n\nimport _ \"example.com/m\"\n\ntype T struct{}\n"}, wasWrong},
		"a source for a platform": {map[string]string{
			"tool/tool_windows.go": "package tool\n\n//opik:track\nfunc W() {}\n", "tool/opik_gen_old.go": header + "package tool\n",
			"opik_gen.go": header + "package m\n", "opik_gen_old.go": header + "package m\n",
		}, wasWrong},
		"a tag that is asked for": {map[string]string{"tool/x.go": "//go:build x\n\npackage tool\n\n//opik:track\nfunc X() {}\n"}, wasWrong},
		"a file that is in error": {map[string]string{"sub/sub.go": "package sub\n\ntype T struct{\n"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, cache := unpack(t, guessed), t.TempDir()
			_, _, err := run(t, dir, cache)
			require.NoError(t, err)
			change(t, dir, test.changes)

			got, log, err := run(t, dir, cache)
			require.NoError(t, err)
			assert.Contains(t, log, isGuessed)
			assert.Contains(t, log, test.says)
			want, _, err := run(t, dir, "")
			require.NoError(t, err)
			assert.Equal(t, want.lines(), got.lines())
			assert.Equal(t, want.diagnostics, got.diagnostics)
			assert.Equal(t, want.orphans(), got.orphans())

			_, log, err = run(t, dir, cache)
			require.NoError(t, err)
			assert.NotContains(t, log, wasWrong, "the run after that")
		})
	}
}

func change(t *testing.T, dir string, changes map[string]string) {
	t.Helper()
	for name, content := range changes {
		path := filepath.Join(dir, name)
		if content == "" {
			require.NoError(t, os.Remove(path))
			continue
		}
		require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
	}
}

// TestAGoCommandThatFailsIsNotMadeUpFor by what it said before.
func TestAGoCommandThatFailsIsNotMadeUpFor(t *testing.T) {
	dir, cache := unpack(t, guessed), t.TempDir()
	_, _, err := run(t, dir, cache)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module ?"), 0o666))

	_, _, want := run(t, dir, "")
	require.Error(t, want)
	_, log, err := run(t, dir, cache)
	assert.Contains(t, log, isGuessed)
	assert.EqualError(t, err, want.Error())
}

// TestWhatIsKeptMayBeBroken: a run goes without it then, and puts it right.
func TestWhatIsKeptMayBeBroken(t *testing.T) {
	dir := unpack(t, annotated)
	for name, content := range map[string]string{
		"empty":            "",
		"half":             `{"Roots":["example.com/m"],"Packages":[{"ID":"exa`,
		"null":             "null",
		"another form":     `[]`,
		"no packages":      `{"Roots":[],"Packages":[]}`,
		"unknown root":     `{"Roots":["example.com/m"],"Packages":[]}`,
		"unknown import":   `{"Roots":["a"],"Packages":[{"ID":"a","Imports":{"b":"b"}}]}`,
		"circle":           `{"Roots":["a"],"Packages":[{"ID":"a","Imports":{"a":"a"}}]}`,
		"another module's": `{"Roots":["a"],"Packages":[{"ID":"a","Name":"a","PkgPath":"a","Dir":"/nowhere","GoFiles":["a.go"]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			want, _, err := run(t, dir, cache)
			require.NoError(t, err)
			for _, entry := range entries(t, cache) {
				require.NoError(t, os.WriteFile(filepath.Join(cache, entry.Name()), []byte(content), 0o600))
			}
			got, log, err := run(t, dir, cache)
			require.NoError(t, err)
			assert.Equal(t, want.lines(), got.lines())
			assert.NotContains(t, log, wasRight)

			_, log, err = run(t, dir, cache)
			require.NoError(t, err)
			assert.Contains(t, log, wasRight)
		})
	}
}

// TestNoPlaceToKeepAnything is told, and nothing else comes of it.
func TestNoPlaceToKeepAnything(t *testing.T) {
	dir, file := unpack(t, annotated), filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for range 2 {
		got, log, err := run(t, dir, file)
		require.NoError(t, err)
		assert.Len(t, got.lines(), 2)
		assert.Contains(t, log, "what go list says is not kept for the next run: ")
	}
}

// TestOldAnswersAreRemoved when another one is kept. What else is in the folder that the user has named stays.
func TestOldAnswersAreRemoved(t *testing.T) {
	dir, cache := unpack(t, annotated), t.TempDir()
	for name, age := range map[string]time.Duration{
		"opikgen-old.json": 31 * 24 * time.Hour, "opikgen-young.json": 29 * 24 * time.Hour, "theirs.json": 31 * 24 * time.Hour, "opikgen-old.txt": 31 * 24 * time.Hour,
	} {
		path := filepath.Join(cache, name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-age)))
	}
	_, _, err := run(t, dir, cache)
	require.NoError(t, err)
	assert.NoFileExists(t, filepath.Join(cache, "opikgen-old.json"))
	assert.FileExists(t, filepath.Join(cache, "opikgen-young.json"))
	assert.FileExists(t, filepath.Join(cache, "theirs.json"))
	assert.FileExists(t, filepath.Join(cache, "opikgen-old.txt"))
}

// TestEachQuestionHasItsAnswer: what changes the answer before the go command is asked is part of the question.
func TestEachQuestionHasItsAnswer(t *testing.T) {
	dir, cache := unpack(t, annotated), t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "b"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b", "b.go"), []byte("package b\n\n//opik:track\nfunc B() {}\n"), 0o666))
	env := os.Environ()
	for name, c := range map[string]load.Config{
		"plain":            {Patterns: []string{"."}},
		"other pattern":    {Patterns: []string{"./..."}},
		"flags":            {Patterns: []string{"."}, BuildFlags: []string{"-tags=x"}},
		"environment":      {Patterns: []string{"."}, Env: append(env[:len(env):len(env)], "GOFLAGS=-tags=x")},
		"operating system": {Patterns: []string{"."}, Env: append(env[:len(env):len(env)], "GOOS=plan9")},
	} {
		c.Dir, c.CacheDir = dir, cache
		c.Logf = func(format string, args ...any) {
			assert.NotContains(t, fmt.Sprintf(format, args...), isGuessed, name)
		}
		loadConfig(t, c)
	}
}

// TestExportDataThatIsGoneIsNotMissed: where the build cache is at another place now, the go command says so, also where
// it would not have been asked.
func TestExportDataThatIsGoneIsNotMissed(t *testing.T) {
	for name, dir := range map[string]string{
		"of a folder":             compiledDependency(t),
		"of the standard library": unpack(t, "-- a.go --\npackage m\n\nimport \"io\"\n\n//opik:track\nfunc F(io.Reader) {}\n"),
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			want, _, err := run(t, dir, cache)
			require.NoError(t, err)
			for _, entry := range entries(t, cache) {
				path := filepath.Join(cache, entry.Name())
				content, err := os.ReadFile(path)
				require.NoError(t, err)
				content = []byte(strings.ReplaceAll(string(content), `"ExportFile":"`, `"ExportFile":"/nowhere`))
				require.NoError(t, os.WriteFile(path, content, 0o600))
			}
			got, log, err := run(t, dir, cache)
			require.NoError(t, err)
			assert.Contains(t, log, "no export data: ")
			assert.Contains(t, log, wasWrong)
			assert.Equal(t, want.lines(), got.lines())
			_, log, err = run(t, dir, cache)
			require.NoError(t, err)
			assert.Contains(t, log, wasRight)
			assert.NotContains(t, log, "no export data: ")
		})
	}
}

// TestADependencyThatIsEdited has the same files, and other types.
func TestADependencyThatIsEdited(t *testing.T) {
	dir, cache := compiledDependency(t), t.TempDir()
	_, _, err := run(t, dir, cache)
	require.NoError(t, err)
	path := filepath.Join(dir, "dep", "dep.go")
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(source, "\nfunc (Wrapped) More() Hidden { return Hidden{} }\n"...), 0o666))
	compile(t, dir)

	got, log, err := run(t, dir, cache)
	require.NoError(t, err)
	assert.Contains(t, log, wasWrong)
	i := slices.IndexFunc(got.Packages, func(pkg *load.Package) bool { return pkg.Name == "wrap" })
	method, _, _ := types.LookupFieldOrMethod(got.Packages[i].Sites[0].Object.Type(), true, nil, "More")
	assert.NotNil(t, method)
}

// TestADependencyThatIsAtAnotherPlace: its export data is still there, but the folder is not, in which the methods of
// its structs are looked up.
func TestADependencyThatIsAtAnotherPlace(t *testing.T) {
	dir, cache := compiledDependency(t), t.TempDir()
	want, _, err := run(t, dir, cache)
	require.NoError(t, err)
	require.NoError(t, os.Rename(filepath.Join(dir, "dep"), filepath.Join(dir, "moved")))
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(strings.ReplaceAll(string(mod), "./dep", "./moved")), 0o666))

	got, log, err := run(t, dir, cache)
	require.NoError(t, err)
	assert.Contains(t, log, wasWrong)
	assert.Equal(t, want.lines(), got.lines())
}

// TestWhatIsMissedIsReadBeforeTheGoCommandIsWaitedFor, and that is waited for then.
func TestWhatIsMissedIsReadBeforeTheGoCommandIsWaitedFor(t *testing.T) {
	dir, cache := compiledDependency(t), t.TempDir()
	c := load.Config{Dir: dir, Patterns: []string{"./plain"}, CacheDir: cache}
	loadConfig(t, c)
	var log []string
	c.Logf = func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	got := loadConfig(t, c)
	got.Packages[0].Cut.Miss()
	whole := again(t, got)
	require.NotNil(t, whole)
	assert.NotContains(t, strings.Join(log, "\n"), wasRight)
	assert.Nil(t, again(t, *whole))
	assert.Contains(t, strings.Join(log, "\n"), wasRight)
}

// TestAnEndWhileTheGoCommandIsAsked leaves nothing running and says why.
func TestAnEndWhileTheGoCommandIsAsked(t *testing.T) {
	dir, cache := unpack(t, annotated), t.TempDir()
	_, _, err := run(t, dir, cache)
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	module, _, err := load.Load(ctx, load.Config{Dir: dir, CacheDir: cache, Patterns: []string{"./..."}})
	require.NoError(t, err)
	reason := errors.New("enough")
	cancel(reason)
	_, _, err = module.Again(ctx)
	assert.ErrorIs(t, err, reason)
}
