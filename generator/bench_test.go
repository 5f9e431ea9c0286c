package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/templates"
)

// BenchmarkPackages generates for 20 packages that wrap calls of one model, after they are loaded.
func BenchmarkPackages(b *testing.B) {
	opts := Options{Dir: modelCallers(b, 20), Patterns: []string{"./..."}, Presets: templates.FS}
	module, found, err := load.Load(b.Context(), load.Config{Dir: opts.Dir, Patterns: opts.Patterns})
	require.NoError(b, err)
	require.Empty(b, found)
	b.ReportAllocs()
	for b.Loop() {
		defaults, err := readDefaults(opts)
		require.NoError(b, err)
		outcomes, err := generateAll(b.Context(), module.Packages, defaults)
		require.NoError(b, err)
		require.Len(b, outcomes, 20)
	}
}

// BenchmarkPresets reads the presets that come with opikgen.
func BenchmarkPresets(b *testing.B) {
	opts := Options{Dir: b.TempDir(), Presets: templates.FS}
	b.ReportAllocs()
	for b.Loop() {
		_, err := readDefaults(opts)
		require.NoError(b, err)
	}
}

// modelCallers writes a module of a model and n packages with four interfaces each that it implements.
func modelCallers(b *testing.B, n int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	files := map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "llm/llm.go": modelSource}
	for i := range n {
		var source strings.Builder
		fmt.Fprintf(&source, "package p%d\n\nimport (\n\t\"context\"\n\n\t\"example.com/m/llm\"\n)\n", i)
		for j := range 4 {
			fmt.Fprintf(&source, "\n//opik:track type=llm\ntype Model%d interface {\n"+
				"\tComplete(ctx context.Context, request llm.Request) (*llm.Response, error)\n\tClose(ctx context.Context) error\n}\n", j)
		}
		files[fmt.Sprintf("p%d/p.go", i)] = source.String()
	}
	for name, source := range files {
		path := filepath.Join(dir, name)
		require.NoError(b, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(b, os.WriteFile(path, []byte(source), 0o644))
	}
	return dir
}

const modelSource = `package llm

type Request struct {
	Model       string
	Messages    []Message
	Temperature float64
	MaxTokens   int
}

type Message struct{ Role, Content string }

type Response struct {
	ID, Model, Object string
	Choices           []Choice
	Usage             Usage
}

type Choice struct {
	Message      Message
	FinishReason string
}

type Usage struct {
	PromptTokens, CompletionTokens, TotalTokens int
	PromptTokensDetails                         struct{ CachedTokens, AudioTokens int }
	CompletionTokensDetails                     struct{ ReasoningTokens, AudioTokens int }
}
`
