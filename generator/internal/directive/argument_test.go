package directive_test

import (
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// messages lists diagnostics with their columns.
func messages(diagnostics []directive.Diagnostic) []string {
	var all []string
	for _, d := range diagnostics {
		all = append(all, d.String())
	}
	return all
}

func TestReadArgsAddsUp(t *testing.T) {
	var d directive.Directive
	assert.Empty(t, d.ReadArgs(token.Position{Filename: "a.preset", Line: 2, Column: 1}, `type=llm name="two words"`))
	assert.Empty(t, d.ReadArgs(token.Position{Filename: "a.preset", Line: 3, Column: 1}, `model=pick(resp, "x y") // the best`))
	assert.Equal(t, [][2]string{{"type", "llm"}, {"name", "two words"}, {"model", `pick(resp, "x y")`}}, values(d))
	assert.False(t, d.Faulty)
}

func TestReadArgsTakesAlternatives(t *testing.T) {
	var d directive.Directive
	assert.Empty(t, d.ReadArgs(token.Position{Filename: "a.preset", Line: 2, Column: 1}, `stream.new=a.New(tap) stream.new=a.Old(tap)`))
	assert.Equal(t, [][2]string{{"stream.new", "a.New(tap)"}, {"stream.new", "a.Old(tap)"}}, values(d))
	assert.False(t, d.Faulty)
}

func TestReadArgsReportsFaults(t *testing.T) {
	at := token.Position{Filename: "a.preset", Line: 7, Column: 1}
	tests := map[string]string{
		`typ=llm`:       `a.preset:7:1: unknown key "typ": did you mean type?`,
		`type=lmm`:      `a.preset:7:1: type=lmm: expected general, tool, llm or guardrail; did you mean type=llm?`,
		`model=pick(`:   `a.preset:7:11: there is no end to the "(" that opens here: close it, or put the whole value in quotes`,
		`model=a model`: `a.preset:7:9: key model stands here twice, first on line 7: remove one`,
	}
	for text, want := range tests {
		d := directive.Directive{Args: []directive.Arg{{Key: "name", Value: "first"}}}
		assert.Equal(t, []string{want}, messages(d.ReadArgs(at, text)), text)
		assert.True(t, d.Faulty, text)
	}
}

func TestAddArgChecksAsTheSourceDoes(t *testing.T) {
	key, value := token.Position{Line: 1, Column: 3}, token.Position{Line: 2, Column: 5}
	var d directive.Directive
	assert.Empty(t, d.AddArg(directive.Arg{Pos: key, Key: "name", Value: "two words", ValuePos: value}))
	assert.Equal(t, []directive.Arg{{Pos: key, Key: "name", Value: "two words", ValuePos: value}}, d.Args)

	assert.Equal(t, []string{`1:3: key type has no value: write type=general|tool|llm|guardrail`},
		messages(d.AddArg(directive.Arg{Pos: key, Key: "type"})))
	assert.True(t, d.Faulty)
	assert.Len(t, d.Args, 1)
}

func TestSetTarget(t *testing.T) {
	var d directive.Directive
	assert.Empty(t, d.SetTarget(token.Position{}, "io.Reader"))
	assert.Equal(t, "io.Reader", d.Target)
	assert.Contains(t, messages(d.SetTarget(token.Position{Line: 3, Column: 9}, "Reader"))[0], "3:9: Reader has no import path")
	assert.True(t, d.Faulty)
}

func TestIsKey(t *testing.T) {
	for name, want := range map[string]bool{"type": true, "usage.total_tokens": true, "usage.": false, "match": false} {
		assert.Equal(t, want, directive.IsKey(name), name)
	}
}

func TestIsList(t *testing.T) {
	for name, want := range map[string]bool{"tags": true, "redact": true, "type": false, "lists": false} {
		assert.Equal(t, want, directive.IsList(name), name)
	}
}

func TestNearestWord(t *testing.T) {
	word, ok := directive.Nearest("openai-chta", []string{"anthropic-messages", "openai-chat"})
	assert.True(t, ok)
	assert.Equal(t, "openai-chat", word)
	_, ok = directive.Nearest("cohere", []string{"anthropic-messages"})
	assert.False(t, ok)
}

func TestArgumentsKnowWhereTheirValuesStart(t *testing.T) {
	for text, want := range map[string]int{
		"model=resp.Model":      7,
		`model="resp.Model"`:    8,
		"model=`resp.Model`":    8,
		`"model=resp.Model"`:    8,
		`flush model=a`:         13,
		`usage.a=1 model=pick(`: 0,
	} {
		var d directive.Directive
		_ = d.ReadArgs(token.Position{Line: 1, Column: 1}, text)
		arg, _ := d.Get("model")
		assert.Equal(t, want, arg.ValuePos.Column, text)
	}
	var d directive.Directive
	assert.Empty(t, d.ReadArgs(token.Position{Line: 1, Column: 1}, "flush"))
	assert.False(t, d.Args[0].ValuePos.IsValid(), "a key alone has no value")
}
