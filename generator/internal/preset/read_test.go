package preset_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/preset"
)

const chat = `# Chat completions.

match=example.com/llm/v*.(*Service).New # also of wrapped ones
 match = example.com/llm.Model.Chat
type=llm provider="my provider"
	model=pick(resp, "a # b")	# "with" an example
#usage.total_tokens=resp.Total
`

func TestParse(t *testing.T) {
	p, found := preset.Parse("presets/chat.preset", []byte("\uFEFF"+strings.ReplaceAll(chat, "\n", "\r\n")))
	require.Empty(t, found)
	assert.Equal(t, "chat", p.Name)
	require.Len(t, p.Matches, 2)
	assert.Equal(t, "example.com/llm/v*.Service.New", p.Matches[0].String())
	assert.Equal(t, "presets/chat.preset:4:2", p.Matches[1].Pos.String())
	args := map[string]string{}
	for _, arg := range p.Directive.Args {
		args[arg.Key] = arg.Value
	}
	assert.Equal(t, map[string]string{"type": "llm", "provider": "my provider", "model": `pick(resp, "a # b")`}, args)
	assert.Equal(t, "presets/chat.preset:6:2", p.Directive.Args[2].Pos.String())
	assert.False(t, p.Directive.Faulty)
}

func TestParseReportsEverythingAtOnce(t *testing.T) {
	const source = `mtach=example.com/llm.Ask
match=example.com/llm.ask
 typ=llm and more
type=lmm
model=a
model=b
as=Chat
preset=other
usage.total_tokens=(
`
	p, found := preset.Parse("a.preset", []byte(source))
	var all []string
	for _, d := range found {
		all = append(all, d.String())
	}
	assert.Equal(t, []string{
		`a.preset:1:1: unknown key "mtach": did you mean match?`,
		`a.preset:2:1: match=example.com/llm.ask names something that is not exported, which nothing outside its package can call`,
		`a.preset:3:2: unknown key "typ": did you mean type?`,
		`a.preset:4:1: type=lmm: expected general, tool, llm or guardrail; did you mean type=llm?`,
		`a.preset:6:1: key model stands here twice, first on line 5: remove one`,
		`a.preset:7:1: as is for the directive over the call, not for a preset: remove it`,
		`a.preset:8:1: preset is for the directive over the call, not for a preset: remove it`,
		`a.preset:9:20: there is no end to the "(" that opens here: close it, or put the whole value in quotes`,
	}, all)
	assert.True(t, p.Directive.Faulty)
}

func TestParseFindsComments(t *testing.T) {
	for line, want := range map[string]string{
		`name=a#b`:               "a#b",
		`name="a # b" # c`:       "a # b",
		`name="a \" # b"`:        `a " # b`,
		"name=`a \\` # `":        `a \`,
		`name="a \\" # b`:        `a \`,
		`name="a \\\" # b" # c`:  `a \" # b`,
		"name=`a \" # b` # \"c":  "a \" # b",
		"name=a\t# b":            "a",
		`name=a # "b`:            "a",
		`name=a // b # c`:        "a",
		"name=`a # b` # `c # d`": "a # b",
	} {
		p, found := preset.Parse("a.preset", []byte(line))
		require.Empty(t, found, line)
		assert.Equal(t, want, p.Directive.Args[0].Value, line)
	}
}

func TestParseKeepsTheNameNoneFree(t *testing.T) {
	for _, name := range []string{"none", ""} {
		p, found := preset.Parse(name+".preset", nil)
		require.Len(t, found, 1)
		assert.Contains(t, found[0].Message, `a preset cannot be called "`+name+`"`)
		assert.True(t, p.Directive.Faulty)
	}
}

func TestParseKnowsOffsets(t *testing.T) {
	p, found := preset.Parse("a.preset", []byte("type=llm\n  model=a\n\n\tfrobnicate\n"))
	assert.Equal(t, 11, p.Directive.Args[1].Pos.Offset)
	require.Len(t, found, 1)
	assert.Equal(t, 21, found[0].Pos.Offset)
	assert.Contains(t, found[0].String(), `a.preset:4:2: unknown key "frobnicate": the keys are`)
}

func TestSetLayersFoldersByFileName(t *testing.T) {
	var set preset.Set
	add := func(dir string, files map[string]string) {
		fsys := fstest.MapFS{}
		for name, source := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(source)}
		}
		found, err := set.Add(dir, fsys)
		require.NoError(t, err)
		require.Empty(t, found)
	}
	add("shipped", map[string]string{"chat.preset": "type=llm\nmodel=resp.Model", "tool.preset": "type=tool"})
	add("mine", map[string]string{"chat.preset": "type=general", "agent.preset": "", "README.md": "type=", "sub/b.preset": "?", "dir.preset/c.txt": "?"})

	assert.Equal(t, []string{"agent", "chat", "tool"}, set.Names())
	require.Len(t, set.All(), 3)
	overriding := set.Get("chat")
	assert.Len(t, overriding.Directive.Args, 1, "the file of the same name is replaced as a whole")
	assert.Equal(t, "mine/chat.preset:1:1", overriding.Directive.Args[0].Pos.String())
	assert.Greater(t, overriding.Layer, set.Get("tool").Layer)
	assert.Nil(t, set.Get("chta"))
}

func TestSetWantsAFolderOfPresets(t *testing.T) {
	var set preset.Set
	_, err := set.Add("mine", fstest.MapFS{"chat.txt": {}})
	require.ErrorContains(t, err, "mine holds no presets: a file NAME.preset is expected")
	_, err = set.Add("mine", os.DirFS(filepath.Join(t.TempDir(), "gone")))
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, set.Names())
}

func FuzzParse(f *testing.F) {
	f.Add(chat)
	f.Add("match=io.Reader.Read\nmodel=(")
	f.Add("match=gopkg.in/a.v3.(*B).C\r\ntags=a,b")
	f.Fuzz(func(t *testing.T, source string) {
		p, found := preset.Parse("a.preset", []byte(source))
		assert.Equal(t, p.Directive.Faulty, len(found) > 0)
		lines := strings.Split(source, "\n")
		for _, d := range found {
			require.LessOrEqual(t, d.Pos.Line, len(lines))
			require.LessOrEqual(t, d.Pos.Column, len(lines[d.Pos.Line-1])+1)
			require.LessOrEqual(t, d.Pos.Offset, len(source))
		}
		for _, m := range p.Matches {
			again, found := preset.Parse("a.preset", []byte("match="+m.String()))
			require.Empty(t, found)
			m.Pos = again.Matches[0].Pos
			require.Equal(t, m, again.Matches[0])
		}
	})
}
