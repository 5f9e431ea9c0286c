package model_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
	"github.com/opikgen/opikgen/generator/internal/preset"
)

// presets makes a folder of presets of each map, the last one last.
func presets(t *testing.T, folders ...map[string]string) model.Defaults {
	t.Helper()
	var defaults model.Defaults
	for _, folder := range folders {
		files := fstest.MapFS{}
		for name, source := range folder {
			files[name+".preset"] = &fstest.MapFile{Data: []byte(source)}
		}
		_, err := defaults.Presets.Add("presets", files)
		require.NoError(t, err)
	}
	return defaults
}

// buildWith builds a package in which nothing is wrong.
func buildWith(t *testing.T, source string, defaults model.Defaults) map[string]*model.Func {
	t.Helper()
	file, diagnostics := model.Build(loadSource(t, source), defaults)
	require.Empty(t, diagnostics)
	return calls(file)
}

const client = `
type Client struct{}

//opik:track
func (Client) Ask(text string) string { return text }
`

func TestPresetSaysWhyItIsTaken(t *testing.T) {
	defaults := presets(t, map[string]string{"mine": "match=example.com/m.Client.Ask"})
	span := buildWith(t, client, defaults)["Client.Ask"].Span
	assert.Equal(t, "mine", span.Preset)
	assert.Equal(t, "is example.com/m.Client.Ask", span.PresetReason)

	span = buildWith(t, "//opik:track preset=mine\nfunc f() {}\n", defaults)["f"].Span
	assert.Equal(t, "named in m.go:3", span.PresetReason)
}

func TestPresetOfTheLastFolderIsTaken(t *testing.T) {
	defaults := presets(t,
		map[string]string{"a": "match=example.com/m.Client.Ask"},
		map[string]string{"b": "match=example.com/m.Client.Ask", "c": ""},
		map[string]string{"d": "match=example.com/m.Client.Other"})
	assert.Equal(t, "b", buildWith(t, client, defaults)["Client.Ask"].Span.Preset)
}

func TestPresetForTheVeryCallGoesFirst(t *testing.T) {
	const source = `
type Params struct{}

type A struct{}
type B struct{}

//opik:track
func (A) Ask(Params) {}

//opik:track
func (B) Ask(Params) {}
`
	defaults := presets(t, map[string]string{"a": "match=example.com/m.A.Ask", "b": "match=example.com/m.B.Ask"})
	found := buildWith(t, source, defaults)
	assert.Equal(t, "a", found["A.Ask"].Span.Preset)
	assert.Equal(t, "b", found["B.Ask"].Span.Preset)
}

// TestPresetNeedsATellingSignature has the same signatures with and without a type that only one package has. The
// module's path has no dot, like one of the standard library.
func TestPresetNeedsATellingSignature(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module app\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sdk"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sdk", "sdk.go"), []byte(`package sdk

type Text string
type Client struct{}

func (Client) Plain(text string) error { return nil }
func (Client) Telling(text Text) error { return nil }
`), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "m.go"), []byte(`package m

import "app/sdk"

//opik:track
type I interface {
	Plain(text string) error
	Telling(text sdk.Text) error
}
`), 0o644))
	module, _, err := load.Load(t.Context(), load.Config{Dir: dir})
	require.NoError(t, err)
	file, diagnostics := model.Build(module.Packages[0],
		presets(t, map[string]string{"sdk": "match=app/sdk.Client.Plain\nmatch=app/sdk.Client.Telling"}))
	require.Empty(t, diagnostics)
	assert.Empty(t, calls(file)["I.Plain"].Span.Preset)
	assert.Equal(t, "sdk", calls(file)["I.Telling"].Span.Preset)
}

func TestFaultyPresetsCostTheirCalls(t *testing.T) {
	defaults := presets(t, map[string]string{"mine": "match=example.com/m.Client.Ask\ntyp=llm"})
	file, diagnostics := model.Build(loadSource(t, client+"\n//opik:track\nfunc f() {}\n"), defaults)
	assert.Empty(t, diagnostics, "they are reported where they are read")
	assert.NotContains(t, calls(file), "Client.Ask")
	assert.Contains(t, calls(file), "f")
}

func TestFaultyDefaultsCostThePackage(t *testing.T) {
	file, diagnostics := model.Build(loadSource(t, client), model.Defaults{Project: directive.Directive{Faulty: true}})
	assert.Empty(t, diagnostics)
	assert.Nil(t, file)
}

// TestProjectIsLenient has settings that fit some calls, none, and that are no Go at all.
func TestProjectIsLenient(t *testing.T) {
	project := func(key, value string) model.Defaults {
		return model.Defaults{Project: directive.Directive{Args: []directive.Arg{{Key: key, Value: value}}}}
	}
	const source = "//opik:track\nfunc f(n int, secret string) {}\n\n//opik:track\nfunc g() {}\n"
	found := buildWith(t, source, project("redact", "secret,other"))
	assert.Equal(t, []string{`CaptureInput "n" n`, `RedactInput "secret"`}, lines(found["f"].Span.Before))

	found = buildWith(t, source, project("input.twice", "2*n"))
	assert.Equal(t, []string{`CaptureInput "twice" 2 * n`}, lines(found["f"].Span.Before))
	assert.Empty(t, found["g"].Span.Before)

	_, diagnostics := model.Build(loadSource(t, source), project("input.twice", "2*"))
	require.NotEmpty(t, diagnostics)
	assert.Contains(t, diagnostics[0].Message, "2* is no Go expression")
}

// TestPresetNamesNone makes sure that the name stays free.
func TestPresetNamesNone(t *testing.T) {
	defaults := presets(t, map[string]string{"mine": "match=example.com/m.Client.Ask"})
	defaults.Project.Args = []directive.Arg{{Key: "preset", Value: preset.None}}
	assert.Empty(t, buildWith(t, client, defaults)["Client.Ask"].Span.Preset)
}
