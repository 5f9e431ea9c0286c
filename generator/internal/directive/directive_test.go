package directive_test

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

func one(t *testing.T, comment string) directive.Directive {
	t.Helper()
	directives, diagnostics := parse(t, comment)
	require.Empty(t, diagnostics)
	require.Len(t, directives, 1)
	return directives[0]
}

func TestAccessors(t *testing.T) {
	d := one(t, `//opik:track type=llm flush capture_input=false "tags=a, b" usage.b=x usage.a=y`)

	arg, ok := d.Get("type")
	assert.True(t, ok)
	assert.Equal(t, "llm", arg.Value)
	assert.Equal(t, 14, arg.Pos.Column)
	_, ok = d.Get("name")
	assert.False(t, ok)

	assert.True(t, d.Bool("flush", false))
	assert.False(t, d.Bool("capture_input", true))
	assert.True(t, d.Bool("capture_output", true))

	assert.Equal(t, []string{"a", "b"}, d.List("tags"))
	assert.Nil(t, d.List("redact"))

	usage := d.Prefixed("usage.")
	require.Len(t, usage, 2)
	assert.Equal(t, []string{"b", "a"}, []string{usage[0].Key, usage[1].Key}, "in source order, without the prefix")
	assert.Equal(t, "usage.b", d.Args[4].Key, "the directive itself keeps its keys")
}

func TestMergeLetsTheInnerWin(t *testing.T) {
	outer := one(t, `//opik:track type=llm name=outer provider=openai`)
	inner := one(t, `//opik:track name=inner flush`)
	inner.Pos.Line = 7

	merged := directive.Merge(outer, inner)

	assert.Equal(t, [][2]string{{"type", "llm"}, {"provider", "openai"}, {"name", "inner"}, {"flush", "true"}}, values(merged))
	assert.Equal(t, 7, merged.Pos.Line)
	assert.Len(t, outer.Args, 3, "merging changes neither")
	assert.Len(t, inner.Args, 2)
}

func TestStringQuotesWhatNeedsIt(t *testing.T) {
	for comment, want := range map[string]string{
		`//opik:track "name=two words"`:            `//opik:track name="two words"`,
		`//opik:track name="plain"`:                `//opik:track name=plain`,
		`//opik:track   flush`:                     `//opik:track flush=true`,
		"//opik:track model=`\"gpt\"`":             `//opik:track model="\"gpt\""`,
		`//opik:track model=pick(a, b)`:            `//opik:track model=pick(a, b)`,
		`//opik:wrap  io.Reader  as=R // remark`:   `//opik:wrap io.Reader as=R`,
		`//opik:track name="a\nb"`:                 `//opik:track name="a\nb"`,
		`//opik:track name="unclosed ( bracket"`:   `//opik:track name="unclosed ( bracket"`,
		`//opik:track name="closed(by a bracket)"`: `//opik:track name=closed(by a bracket)`,
	} {
		assert.Equal(t, want, one(t, comment).String())
	}
}

func TestDiagnosticPrintsItsPlaceFirst(t *testing.T) {
	d := directive.Diagnostic{Pos: token.Position{Filename: "a.go", Line: 3, Column: 14}, Message: "unknown key"}
	assert.Equal(t, "a.go:3:14: unknown key", d.String())
}

// TestEveryKeyIsTaken writes each row of the table as a directive, so that the placeholders that a reader copies out
// of the documentation are right.
func TestEveryKeyIsTaken(t *testing.T) {
	for _, key := range directive.Keys() {
		t.Run(key.Name, func(t *testing.T) {
			value, _, _ := strings.Cut(key.Value, "|")
			d := one(t, fmt.Sprintf("//opik:track %s=%s", key.Name, value))
			assert.Equal(t, [][2]string{{key.Name, value}}, values(d))
			assert.NotEmpty(t, key.Verbs)
			assert.True(t, strings.HasSuffix(key.Doc, "."), "the sentence has no end: %s", key.Doc)
		})
	}
}

func ExampleDirective_String() {
	outer := directive.Directive{Verb: directive.Track, Args: []directive.Arg{{Key: "type", Value: "llm"}}}
	inner := directive.Directive{Verb: directive.Track, Args: []directive.Arg{{Key: "name", Value: "ask the model"}}}
	fmt.Println(directive.Merge(outer, inner))
	// Output: //opik:track type=llm name="ask the model"
}
