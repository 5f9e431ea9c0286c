package preset_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/preset"
)

// parseMatch reads a preset of one match line.
func parseMatch(t *testing.T, call string) preset.Match {
	t.Helper()
	p, found := preset.Parse("a.preset", []byte("match="+call))
	require.Empty(t, found)
	require.Len(t, p.Matches, 1)
	return p.Matches[0]
}

func TestMatchTakesCallsApart(t *testing.T) {
	for call, want := range map[string]preset.Match{
		"example.com/llm/v3.(*Service).New":  {Path: "example.com/llm/v3", Type: "Service", Name: "New"},
		"example.com/llm.Model.Generate":     {Path: "example.com/llm", Type: "Model", Name: "Generate"},
		"example.com/llm.Ask":                {Path: "example.com/llm", Name: "Ask"},
		"gopkg.in/llm.v3.(*Client).Chat":     {Path: "gopkg.in/llm.v3", Type: "Client", Name: "Chat"},
		"gopkg.in/llm.v3.Client.Chat":        {Path: "gopkg.in/llm.v3", Type: "Client", Name: "Chat"},
		"gopkg.in/llm.v3.Chat":               {Path: "gopkg.in/llm.v3", Name: "Chat"},
		"io.Reader.Read":                     {Path: "io", Type: "Reader", Name: "Read"},
		"io.ReadAll":                         {Path: "io", Name: "ReadAll"},
		"example.com/llm/v*/chat.Model.Chat": {Path: "example.com/llm/v*/chat", Type: "Model", Name: "Chat"},
	} {
		m := parseMatch(t, call)
		assert.Equal(t, 1, m.Pos.Line, call)
		want.Pos = m.Pos
		assert.Equal(t, want, m, call)
		again := parseMatch(t, m.String())
		assert.Equal(t, m, again, "%s is written %s", call, m)
	}
}

func TestMatchCovers(t *testing.T) {
	tests := []struct {
		call, path string
		want       bool
	}{
		{"example.com/llm.Ask", "example.com/llm", true},
		{"example.com/llm.Ask", "example.com/llm/v2", false},
		{"example.com/llm.Ask", "example.com/llms", false},
		{"example.com/llm/v3.Ask", "example.com/llm/v3", true},
		{"example.com/llm/v3.Ask", "example.com/llm/v4", false},
		{"example.com/llm/v*.Ask", "example.com/llm", true},
		{"example.com/llm/v*.Ask", "example.com/llm/v12", true},
		{"example.com/llm/v*.Ask", "example.com/llm/vision", false},
		{"example.com/llm/v*.Ask", "example.com/llm/v", false},
		{"example.com/llm/v*.Ask", "example.com/llm/v3/chat", false},
		{"example.com/llm/v*.Ask", "example.com/llm/12", false},
		{"example.com/llm/v*.Ask", "example.com", false},
		{"example.com/llm.Ask", "", false},
		{"example.com/llm/v*/chat.Ask", "example.com/llm/chat", true},
		{"example.com/llm/v*/chat.Ask", "example.com/llm/v3/chat", true},
		{"example.com/llm/v*/chat.Ask", "example.com/llm/v3", false},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, parseMatch(t, test.call).Covers(test.path), "%s, %s", test.call, test.path)
	}
}

func TestMatchReportsFaults(t *testing.T) {
	for call, want := range map[string]string{
		"":                            "names no call: write import/path.(*Type).Method",
		"New":                         "names no call",
		"example.com/llm":             "names no call",
		"example.com/llm.(*Service)":  "names no call",
		"example.com/llm.(*Service.N": "names no call",
		"example.com/llm.New()":       "names no call",
		"example.com/llm.New-er":      "names no call",
		"example.com/llm.(*Ser-v).N":  "names no call",
		"example.com/llm.(*Serv).N-1": "names no call",
		".New":                        "names no call",
		"example.com/l(m).New":        `"example.com/l(m)" is no import path`,
		"example.com/llm.ask":         "names something that is not exported",
		"example.com/llm.(*svc).New":  "names something that is not exported",
		"example.com//llm.New":        `"example.com//llm" is no import path`,
		"example.com/my llm.New":      `"example.com/my llm" is no import path`,
		"example.com/llm/v3*.New":     "a star in a path stands for a major version: write it as the element v*",
		"example.com/*.New":           "a star in a path stands for a major version",
	} {
		p, found := preset.Parse("a.preset", []byte("match="+call))
		require.Len(t, found, 1, call)
		assert.Contains(t, found[0].Message, want, call)
		assert.Empty(t, p.Matches, call)
		assert.True(t, p.Directive.Faulty, call)
	}
}
