package preset_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/preset"
)

// set holds a preset for calls, one for streams that imports packages, and one that is chosen by its name.
func set(t *testing.T) *preset.Set {
	t.Helper()
	files := fstest.MapFS{
		"chat.preset":   {Data: []byte("match=example.com/llm/v*.(*Service).New\nmatch=example.com/llm.Ask\nmodel=llm.Name(resp.Model)\n")},
		"stream.preset": {Data: []byte("match=example.com/llm.(*Service).Stream\nimport=example.com/llm/v*/sse\nimport=context\nmodel=sse.Model(context.Background(), mysse.First_2+llm.Last)\n")},
		"named.preset":  {Data: []byte("import=example.com/other\nmodel=other.Model\n")},
	}
	s := new(preset.Set)
	found, err := s.Add("presets", files)
	require.NoError(t, err)
	require.Empty(t, found)
	return s
}

func calls(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

func TestSetFor(t *testing.T) {
	tests := map[string]struct {
		packages []string
		called   func(string) bool
		want     []string
	}{
		"a method":                {[]string{"example.com/llm/v3"}, calls("New"), []string{"chat", "named"}},
		"a function":              {[]string{"example.com/x", "example.com/llm"}, calls("Ask", "Stream"), []string{"chat", "named", "stream"}},
		"a call of no such name":  {[]string{"example.com/llm"}, calls("Old"), []string{"named"}},
		"a call of other package": {[]string{"example.com/llm/v3/sse"}, calls("New"), []string{"named"}},
		"whatever is called":      {nil, nil, []string{"chat", "named", "stream"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range set(t).For(test.packages, test.called) {
				got = append(got, p.Name)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestPresetImported(t *testing.T) {
	reached := []string{"context", "example.com/llm", "example.com/llm/sse", "example.com/llm/v2/sse", "example.com/sse"}
	assert.Equal(t, []string{"example.com/llm/sse", "example.com/llm/v2/sse", "context"}, set(t).Get("stream").Imported(reached))
	assert.Empty(t, set(t).Get("chat").Imported(reached))
}

// TestSetLookups: what presets select of a package counts where they are for a call in it, or import it.
func TestSetLookups(t *testing.T) {
	tests := map[string]struct {
		path, name string
		called     func(string) bool
		want       []string
	}{
		"the owner of a method":       {"example.com/llm/v2", "llm", calls("New"), []string{"Service", "Name"}},
		"a function":                  {"example.com/llm", "llm", calls("Ask"), []string{"Ask", "Name"}},
		"of two presets":              {"example.com/llm", "llm", calls("New", "Stream"), []string{"Service", "Name", "Service", "Last"}},
		"an import, and a namesake":   {"example.com/llm/sse", "sse", calls(), []string{"Model", "First_2"}},
		"a package with another name": {"example.com/llm/sse", "events", calls(), nil},
		"of no preset":                {"example.com/x", "llm", calls("New"), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, set(t).Lookups(test.path, test.name, test.called))
		})
	}
}
