package opikgen_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator"
)

var update = flag.Bool("update", false, "write README.md's generated blocks anew")

const quickstart = "examples/quickstart"

// TestReadme holds the blocks of README.md that show what the tool does to what it really does.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(text)
	for name, block := range map[string]string{
		"directive": fence("go", excerpt(t, "tools.go", "//opik:track type=tool\nfunc retrieve", "\n")),
		"wrapper":   fence("go", excerpt(t, "opik_gen.go", "// retrieveTracked ", "\n}\n")),
		"trace":     fence("", demo(t)),
		"keys":      keyTable(),
	} {
		before, old, after := cutBlock(t, readme, name)
		if steady(old) == steady(block) {
			continue
		}
		readme = before + block + after
		if !*update {
			assert.Equal(t, steady(block), steady(old), "the block %s of README.md is out of date: run make generate", name)
		}
	}
	if *update && readme != string(text) {
		require.NoError(t, os.WriteFile("README.md", []byte(readme), 0o600))
	}
}

// cutBlock finds what stands between <!-- name --> and <!-- end -->.
func cutBlock(t *testing.T, text, name string) (before, block, after string) {
	t.Helper()
	start := "<!-- " + name + " -->\n"
	before, rest, found := strings.Cut(text, start)
	require.True(t, found, "README.md has no block called %s", name)
	end := strings.Index(rest, "<!-- end -->\n")
	require.GreaterOrEqual(t, end, 0, "the block %s has no end", name)
	return before + start, rest[:end], rest[end:]
}

func fence(language, content string) string { return "```" + language + "\n" + content + "```\n" }

// excerpt returns the lines of a file of the quickstart from start to the first end behind it.
func excerpt(t *testing.T, name, start, end string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(quickstart, name))
	require.NoError(t, err)
	from := strings.Index(string(text), start)
	require.GreaterOrEqual(t, from, 0, "%s holds no %q", name, start)
	length := strings.Index(string(text[from+len(start):]), end)
	require.GreaterOrEqual(t, length, 0)
	return string(text[from : from+len(start)+length+len(end)])
}

// demo runs the quickstart and returns the trace that it prints.
func demo(t *testing.T) string {
	t.Helper()
	configuration := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(configuration, nil, 0o600))
	command := exec.CommandContext(t.Context(), "go", "run", "./"+quickstart)
	command.Env = append(os.Environ(), "OPIK_SINK=console", "OPIK_URL_OVERRIDE=", "OPIK_API_KEY=", "OPENAI_API_KEY=",
		"OPIK_CONFIG_PATH="+configuration, "COLUMNS=100")
	var trace strings.Builder
	command.Stderr = &trace
	require.NoError(t, command.Run(), trace.String())
	return strings.TrimSpace(trace.String()) + "\n"
}

// keyTable prints the keys of the directives.
func keyTable() string {
	var table strings.Builder
	table.WriteString("| key | meaning |\n|---|---|\n")
	for _, key := range generator.Keys() {
		fmt.Fprintf(&table, "| `%s=%s` | %s |\n", key.Name, strings.ReplaceAll(key.Value, "|", `\|`), key.Doc)
	}
	return table.String()
}

// changing matches what differs from run to run: durations, and ids.
var changing = regexp.MustCompile(`\d+(\.\d+)?(ns|µs|ms|s)\b|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{22}| {2,}`)

// steady replaces what differs from run to run.
func steady(text string) string { return changing.ReplaceAllString(text, "~") }
