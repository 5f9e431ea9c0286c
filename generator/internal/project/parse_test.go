package project_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/project"
)

const root = "/module"

// parse reads a file, and returns the findings without the folder.
func parse(source string) (*project.File, []string) {
	file, diagnostics := project.Parse(root, []byte(source))
	return file, texts(diagnostics)
}

func texts(diagnostics []directive.Diagnostic) []string {
	var all []string
	for _, d := range diagnostics {
		d.Pos.Filename = filepath.Base(d.Pos.Filename)
		all = append(all, d.String())
	}
	return all
}

// values lists the arguments without their places.
func values(d directive.Directive) map[string]string {
	all := map[string]string{}
	for _, arg := range d.Args {
		all[arg.Key] = arg.Value
	}
	return all
}

const full = `# what holds for all of it
templates: [./presets, /opt/presets]
packages:
  ./...: &base
    project_name: two words
    tags: [a, "b c"]
    capture_output: false
  ./internal/llm:
    type: llm
    metadata.tier: "gold"
    redact:
      - apiKey
      - password
  example.com/m/internal/llm/...: {capture_output: true, tags: c}
  ./copy: *base
wrap:
  - target: net/http.RoundTripper
    package: ./internal/web
    as: Transport
    type: tool
  - {target: io.Reader, package: ., as: Input}
`

func TestParse(t *testing.T) {
	file, found := parse(full)
	require.Empty(t, found)
	assert.False(t, file.Faulty)

	require.Len(t, file.Templates, 2)
	assert.Equal(t, filepath.Join(root, "presets"), file.Templates[0].Dir)
	assert.Equal(t, "/module/opikgen.yaml:2:13", file.Templates[0].Pos.String())
	assert.Equal(t, "/opt/presets", file.Templates[1].Dir)

	require.Len(t, file.Wraps, 2)
	first := file.Wraps[0]
	assert.Equal(t, filepath.Join(root, "internal", "web"), first.Dir)
	assert.Equal(t, "net/http.RoundTripper", first.Directive.Target)
	assert.Equal(t, directive.Wrap, first.Directive.Verb)
	assert.Equal(t, "/module/opikgen.yaml:17:5", first.Directive.Pos.String())
	assert.Equal(t, map[string]string{"as": "Transport", "type": "tool"}, values(first.Directive))
	assert.Equal(t, root, file.Wraps[1].Dir)
}

func TestArgumentsKnowTheirPlaces(t *testing.T) {
	file, found := parse("packages:\n  ./...:\n    # é\n    name: 'é'\n    redact: [ é, a]\n")
	require.Empty(t, found)
	d := file.Defaults(root, "example.com/m")
	require.Len(t, d.Args, 2)
	assert.Equal(t, "4:5", place(d.Args[0].Pos))
	assert.Equal(t, "4:12", place(d.Args[0].ValuePos), "inside the quotes")
	assert.Equal(t, 39, d.Args[0].ValuePos.Offset)
	assert.Equal(t, "5:15", place(d.Args[1].ValuePos), "that of the first element")
}

func place(pos interface{ String() string }) string {
	_, lineAndColumn, _ := strings.Cut(pos.String(), ":")
	return lineAndColumn
}

func TestDefaultsOfTheMoreSpecificPatternWin(t *testing.T) {
	file, found := parse(full)
	require.Empty(t, found)
	for dir, want := range map[string]map[string]string{
		".":                 {"project_name": "two words", "tags": "a,b c", "capture_output": "false"},
		"internal":          {"project_name": "two words", "tags": "a,b c", "capture_output": "false"},
		"internal/llm/chat": {"project_name": "two words", "tags": "c", "capture_output": "true"},
		"internal/llm": {"project_name": "two words", "tags": "c", "capture_output": "true",
			"type": "llm", "metadata.tier": "gold", "redact": "apiKey,password"},
	} {
		d := file.Defaults(filepath.Join(root, dir), filepath.Join("example.com/m", dir))
		assert.Equal(t, want, values(d), dir)
		assert.False(t, d.Faulty)
	}
	assert.Empty(t, file.Defaults("/elsewhere", "example.com/other").Args)
	external := file.Defaults(filepath.Join(root, "internal/llm"), "example.com/m/internal/llm_test")
	assert.Equal(t, "c", values(external)["tags"], "external tests are in the package's folder")
}

func TestDefaultsCompareFoldersWithImportPaths(t *testing.T) {
	const source = "packages:\n" +
		"  example.com/...: {name: root, type: tool}\n" +
		"  ./...: {name: module}\n" +
		"  example.com/m/a/...: {name: path}\n" +
		"  ./a/b/...: {name: folder}\n" +
		"  example.com/m/a/b: {name: single}\n"
	file, found := parse(source)
	require.Empty(t, found)
	for dir, want := range map[string]string{".": "module", "a": "path", "a/c": "path", "a/b": "single", "a/b/c": "folder"} {
		d := file.Defaults(filepath.Join(root, dir), filepath.Join("example.com/m", dir))
		assert.Equal(t, map[string]string{"name": want, "type": "tool"}, values(d), dir)
	}
}

// TestTheOrderOfPatternsMakesNoDifference has the more specific patterns first.
func TestTheOrderOfPatternsMakesNoDifference(t *testing.T) {
	const source = "packages:\n" +
		"  example.com/m/a: {name: single}\n" +
		"  ./a/b/...: {name: deep}\n" +
		"  .: {name: root}\n" +
		"  ./a/...: {name: below}\n" +
		"  example.com/m/...: {name: module}\n" +
		"  example.com/...: {name: all}\n"
	file, found := parse(source)
	require.Empty(t, found)
	for dir, want := range map[string]string{".": "root", "a": "single", "a/b": "deep", "a/b/c": "deep", "a/c": "below", "b": "module"} {
		d := file.Defaults(filepath.Join(root, dir), filepath.Join("example.com/m", dir))
		assert.Equal(t, map[string]string{"name": want}, values(d), dir)
	}
}

func TestListsMayHaveAliases(t *testing.T) {
	file, found := parse("templates: [&a ./presets, *a]\nwrap:\n- {target: io.Reader, package: ., as: &name Input, name: a.b}\n- {target: io.Writer, package: ., as: *name}\n")
	require.Empty(t, found)
	require.Len(t, file.Templates, 2)
	assert.Equal(t, file.Templates[0].Dir, file.Templates[1].Dir)
	require.Len(t, file.Wraps, 2)
	assert.Equal(t, map[string]string{"as": "Input", "name": "a.b"}, values(file.Wraps[0].Directive))
	assert.Equal(t, map[string]string{"as": "Input"}, values(file.Wraps[1].Directive))
}

func TestEmptyFilesSayNothing(t *testing.T) {
	for _, source := range []string{"", "# nothing\n", "---\n", "null\n"} {
		file, found := parse(source)
		assert.Empty(t, found, "%q", source)
		assert.False(t, file.Faulty)
		assert.Empty(t, file.Defaults(root, "example.com/m").Args)
	}
}

func TestParseReportsFaults(t *testing.T) {
	tests := []struct {
		source string
		faulty bool // as a whole
		want   []string
	}{
		{"template: [a]", true, []string{`1:1: unknown key "template": did you mean templates?`}},
		{"colour: red", true, []string{`1:1: unknown key "colour": the keys are templates, packages, wrap`}},
		{"- templates", true, []string{`1:1: found a list: expected the keys templates, packages, wrap`}},
		{"templates: a\npackages: []\nwrap: {}", true, []string{
			`1:12: templates: found "a": expected a list of folders, such as [./presets]`,
			`2:11: packages: found a list: expected patterns, each with keys of directives, such as ./...: {type: llm}`,
			`3:7: wrap: found a mapping: expected a list of {target: import/path.Type, package: ./folder, as: Name}`,
		}},
		{"templates: [[a], '']", true, []string{
			`1:13: templates: found a list: expected a folder relative to this file`,
			`1:19: templates: found nothing: expected a folder relative to this file`,
		}},
		{"colour: red\npackages: {.: {}}\n", true, []string{`1:1: unknown key "colour": the keys are templates, packages, wrap`}},
		{"packages: *none\n", true, []string{`1:1: this is no YAML: unknown anchor 'none' referenced`}},
		{"wrap: []\nwrap: []", true, []string{`2:1: wrap stands here twice, first on line 1: remove one`}},
		{"packages:\n  .: {}\n  .: {}", true, []string{`3:3: . stands here twice, first on line 2: remove one`}},
		{"packages: {./...: [a: b]}\nwrap: [", true, []string{`2:1: this is no YAML: did not find expected node content`}},
		{"a: b\n---\nc: d", true, []string{
			`2:1: a second document: everything stands in the first one`,
			`1:1: unknown key "a": the keys are templates, packages, wrap`,
		}},
		{"packages:\n  '': {}\n  ./.../llm: {}\n  /abs: {}\n  ../up: {}\n  a b: {}\n  ..: {}\n  a*: {}", true, []string{
			`2:4: the pattern is empty: write a folder such as ./internal/llm or an import path, with /... for those below, too`,
			`3:3: ./.../llm: three dots stand at the end, behind a slash, as in ./internal/... and in no other place`,
			`4:3: /abs is an absolute path: write it relative to this file, with ./ in front`,
			`5:3: ../up leaves the module: name a folder below this file's`,
			`6:3: a b is no package pattern: write a folder such as ./internal/llm or an import path, with /... for those below, too`,
			`7:3: .. leaves the module: name a folder below this file's`,
			`8:3: a* is no package pattern: write a folder such as ./internal/llm or an import path, with /... for those below, too`,
		}},
		{"packages:\n  .: llm\n  ./a: [type]\n  ./b:", false, []string{
			`2:6: .: found "llm": expected keys of directives, such as {type: llm}`,
			`3:8: ./a: found a list: expected keys of directives, such as {type: llm}`,
			`4:7: ./b: found nothing: expected keys of directives, such as {type: llm}`,
		}},
		{"packages: {.: {typ: [a], name: a, name: b}}", false, []string{
			`1:35: name stands here twice, first on line 1: remove one`, `1:16: unknown key "typ": did you mean type?`,
		}},
		{"packages:\n  .:\n    typ: llm\n    type: lmm\n    as: A\n    tags: {a: b}\n    redact: [[a]]\n    model: [a]\n    name:\n    flush: yes", false, []string{
			`3:5: unknown key "typ": did you mean type?`,
			`4:5: type=lmm: expected general, tool, llm or guardrail; did you mean type=llm?`,
			`5:5: as: the wrappers of a package cannot all have one name: put it into the directive`,
			`6:11: tags: found a mapping: expected a list`,
			`7:13: redact: found a list: expected a list`,
			`8:12: model: found a list: expected a single value`,
			`9:5: key name has no value: write name=TEXT`,
			`10:5: flush=yes: expected true or false`,
		}},
		{"wrap: [io.Reader]", false, []string{`1:8: wrap: found "io.Reader": expected {target: import/path.Type, package: ./folder, as: Name}`}},
		{"wrap: [{}, {target: io.Reader}, {target: io.Reader, package: .}]", false, []string{
			`1:8: the wrap is not complete: add target: import/path.Type, the type to wrap`,
			`1:12: the wrap is not complete: add package: ./folder, the package that gets the wrapper`,
			`1:33: the wrap is not complete: add as: Reader, the wrapper's name`,
		}},
		{"wrap:\n- {targt: io.Reader, pakage: .}\n- {type: io.Reader}\n- {target: Reader, package: io, as: a-b}", false, []string{
			`2:4: unknown key "targt": did you mean target?`,
			`2:22: unknown key "pakage": did you mean package?`,
			`3:4: type is that of the spans, such as llm: write target: io.Reader`,
			`4:12: Reader has no import path: write import/path.Reader, or //opik:track over a type of this package`,
			`4:29: package: found "io": expected a folder of this module, such as ./internal/llm`,
			`4:33: as=a-b: expected a Go identifier, such as as=Chat`,
		}},
		{"wrap: [{target: io.Reader, as: A, package: ./a/...}, {target: io.Reader, as: B, package: ./../b}]", false, []string{
			`1:44: package: found "./a/...": expected a folder of this module, such as ./internal/llm`,
			`1:90: package: found "./../b": expected a folder of this module, such as ./internal/llm`,
		}},
	}
	for _, test := range tests {
		file, found := parse(test.source)
		var want []string
		for _, text := range test.want {
			want = append(want, project.FileName+":"+text)
		}
		assert.Equal(t, want, found, "%s", test.source)
		assert.Equal(t, test.faulty, file.Faulty, "%s", test.source)
		assert.Empty(t, file.Wraps, "%s", test.source)
		assert.Empty(t, file.Templates, "%s", test.source)
	}
}

func TestFaultyDefaultsAreMarked(t *testing.T) {
	file, found := parse("packages: {./...: {type: llm}, ./a: {typ: tool}}")
	require.Len(t, found, 1)
	assert.True(t, file.Defaults(filepath.Join(root, "a"), "example.com/m/a").Faulty)
	assert.False(t, file.Defaults(filepath.Join(root, "b"), "example.com/m/b").Faulty)

	for _, defaults := range []string{"llm", "", "[a]", "{as: A}", "{model: [a]}", "{name: a, name: b}", "{flush: 1}"} {
		file, found = parse("packages: {./...: {type: llm}, ./a: " + defaults + "}")
		require.Len(t, found, 1, defaults)
		assert.True(t, file.Defaults(filepath.Join(root, "a"), "example.com/m/a").Faulty, defaults)
		assert.False(t, file.Defaults(filepath.Join(root, "b"), "example.com/m/b").Faulty, defaults)
	}

	file, found = parse("packages: {./...: {typ: llm}, ./a: {type: tool}}")
	require.Len(t, found, 1)
	assert.True(t, file.Defaults(filepath.Join(root, "a"), "example.com/m/a").Faulty, "what the outer one asks for is not known")

	file, found = parse("pakages: {}")
	require.Len(t, found, 1)
	assert.True(t, file.Defaults(root, "example.com/m").Faulty, "what it asks for is not known")
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("wrap: [{target: Reader, as: 1}]\npackages: {a: {b: c}}")
	f.Add("a: &a [*a]\n? [b]\n: c\n<<: *a")
	f.Fuzz(func(t *testing.T, source string) {
		file, found := project.Parse(root, []byte(source))
		lines := strings.Split(source, "\n")
		for _, d := range found {
			require.NotEmpty(t, d.Message)
			require.LessOrEqual(t, d.Pos.Line, len(lines)+1)
			require.LessOrEqual(t, d.Pos.Offset, len(source))
		}
		for _, wrap := range file.Wraps {
			path, name := wrap.Directive.TargetType()
			require.True(t, path != "" && name != "" && strings.HasPrefix(wrap.Dir, root))
		}
		defaults := file.Defaults(filepath.Join(root, "a"), "example.com/m/a")
		require.False(t, file.Faulty && !defaults.Faulty)
		require.False(t, len(found) == 0 && defaults.Faulty)
	})
}
