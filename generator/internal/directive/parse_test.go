package directive_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// parse reads comment lines as the doc comment of a declaration.
func parse(t testing.TB, comments ...string) ([]directive.Directive, []directive.Diagnostic) {
	t.Helper()
	src := "package p\n\n" + strings.Join(comments, "\n") + "\nfunc f()\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	require.Len(t, file.Comments, 1)
	return directive.Parse(fset, file.Comments[0])
}

// values lists the arguments without their positions.
func values(d directive.Directive) [][2]string {
	var list [][2]string
	for _, arg := range d.Args {
		list = append(list, [2]string{arg.Key, arg.Value})
	}
	return list
}

func TestParseReadsArguments(t *testing.T) {
	tests := map[string]struct {
		comment string
		want    [][2]string
	}{
		"none":                           {`//opik:track`, nil},
		"blanks around":                  {"//opik:track \t type=llm  \t", [][2]string{{"type", "llm"}}},
		"bare words":                     {`//opik:track name=ask type=tool`, [][2]string{{"name", "ask"}, {"type", "tool"}}},
		"quoted value":                   {`//opik:track name="two words"`, [][2]string{{"name", "two words"}}},
		"quoted argument":                {`//opik:track "name=two words"`, [][2]string{{"name", "two words"}}},
		"raw value":                      {"//opik:track name=`a \"b\" \\n`", [][2]string{{"name", `a "b" \n`}}},
		"raw argument":                   {"//opik:track `name=a \"b\"`", [][2]string{{"name", `a "b"`}}},
		"escapes":                        {`//opik:track name="a\tb \"c\" \u00e9"`, [][2]string{{"name", "a\tb \"c\" é"}}},
		"equals sign in the value":       {`//opik:track metadata.same=a==b`, [][2]string{{"metadata.same", "a==b"}}},
		"call with blanks":               {`//opik:track thread_id=id(req, "x y") flush`, [][2]string{{"thread_id", `id(req, "x y")`}, {"flush", "true"}}},
		"index with a quoted key":        {`//opik:track model=req.Header["x model"]`, [][2]string{{"model", `req.Header["x model"]`}}},
		"composite literal":              {`//opik:track output.pair=[]int{a, b} type=llm`, [][2]string{{"output.pair", "[]int{a, b}"}, {"type", "llm"}}},
		"bracket inside a string":        {`//opik:track model=pick("( ", x)`, [][2]string{{"model", `pick("( ", x)`}}},
		"rune literal":                   {`//opik:track model=split(s, ' ')`, [][2]string{{"model", `split(s, ' ')`}}},
		"expression that starts quoted":  {`//opik:track model="gpt-"+size`, [][2]string{{"model", `"gpt-"+size`}}},
		"apostrophe":                     {`//opik:track name=don't`, [][2]string{{"name", "don't"}}},
		"closing bracket of nothing":     {`//opik:track name=:) flush`, [][2]string{{"name", ":)"}, {"flush", "true"}}},
		"boolean alone":                  {`//opik:track flush`, [][2]string{{"flush", "true"}}},
		"boolean with value":             {`//opik:track flush=false capture_input=true`, [][2]string{{"flush", "false"}, {"capture_input", "true"}}},
		"families":                       {`//opik:track usage.total_tokens=n metadata.k8s.io/name=x`, [][2]string{{"usage.total_tokens", "n"}, {"metadata.k8s.io/name", "x"}}},
		"list":                           {`//opik:track tags=a,b`, [][2]string{{"tags", "a,b"}}},
		"remark behind the arguments":    {`//opik:track type=llm // the expensive one`, [][2]string{{"type", "llm"}}},
		"remark behind the verb":         {`//opik:track // all of it`, nil},
		"two slashes inside a value":     {`//opik:track name=http://x`, [][2]string{{"name", "http://x"}}},
		"letters of another alphabet":    {`//opik:track name=попытка`, [][2]string{{"name", "попытка"}}},
		"no-break space ends a bare one": {"//opik:track name=a\u00a0flush", [][2]string{{"name", "a"}, {"flush", "true"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			directives, diagnostics := parse(t, test.comment)
			require.Empty(t, diagnostics)
			require.Len(t, directives, 1)
			assert.Equal(t, directive.Track, directives[0].Verb)
			assert.Equal(t, test.want, values(directives[0]))
		})
	}
}

func TestParseReadsEveryVerb(t *testing.T) {
	directives, diagnostics := parse(t,
		"// F does it.",
		"//opik:wrap io.ReadWriteCloser as=Stream",
		"//",
		"//opik:ignore",
		"//opik:wrap gopkg.in/yaml.v3.Node as=Node type=tool",
	)
	require.Empty(t, diagnostics)
	require.Len(t, directives, 3)

	assert.Equal(t, directive.Wrap, directives[0].Verb)
	path, name := directives[0].TargetType()
	assert.Equal(t, []string{"io", "ReadWriteCloser"}, []string{path, name})
	assert.Equal(t, [][2]string{{"as", "Stream"}}, values(directives[0]))

	assert.Equal(t, directive.Ignore, directives[1].Verb)

	path, name = directives[2].TargetType()
	assert.Equal(t, []string{"gopkg.in/yaml.v3", "Node"}, []string{path, name})
}

func TestParseAddsTrackLinesUp(t *testing.T) {
	directives, diagnostics := parse(t, "//opik:track type=llm", "// between", "//opik:track name=ask flush")
	require.Empty(t, diagnostics)
	require.Len(t, directives, 1)
	assert.Equal(t, [][2]string{{"type", "llm"}, {"name", "ask"}, {"flush", "true"}}, values(directives[0]))
	assert.Equal(t, 3, directives[0].Pos.Line)
	assert.Equal(t, 5, directives[0].Args[1].Pos.Line)
}

func TestParseKnowsColumns(t *testing.T) {
	directives, _ := parse(t, `//opik:track type=llm "name=two words" 	flush`)
	require.Len(t, directives, 1)
	d := directives[0]
	assert.Equal(t, "p.go:3:1", d.Pos.String())
	var columns []int
	for _, arg := range d.Args {
		columns = append(columns, arg.Pos.Column)
		assert.Equal(t, arg.Pos.Column-1, arg.Pos.Offset-d.Pos.Offset)
	}
	assert.Equal(t, []int{14, 24, 41}, columns)
}

func TestParseReportsFaults(t *testing.T) {
	tests := map[string]struct {
		comment string
		column  int
		want    string
	}{
		"unknown verb":              {`//opik:trace`, 1, `unknown directive //opik:trace: did you mean //opik:track?`},
		"unknown verb, far off":     {`//opik:generate x`, 1, `unknown directive //opik:generate: expected //opik:track, //opik:wrap or //opik:ignore`},
		"no verb":                   {`//opik:`, 1, `unknown directive //opik:: expected //opik:track, //opik:wrap or //opik:ignore`},
		"verb with a comma":         {`//opik:track, name=x`, 1, `unknown directive //opik:track,: did you mean //opik:track?`},
		"upper case verb":           {`//opik:Track type=llm`, 1, `unknown directive //opik:Track: did you mean //opik:track?`},
		"misspelt key":              {`//opik:track typ=llm`, 14, `unknown key "typ": did you mean type?`},
		"swapped letters":           {`//opik:track tpye=llm`, 14, `unknown key "tpye": did you mean type?`},
		"hyphens":                   {`//opik:track capture-input=false`, 14, `unknown key "capture-input": did you mean capture_input?`},
		"camel case":                {`//opik:track projectName=x`, 14, `did you mean project_name?`},
		"misspelt family":           {`//opik:track metdata.tier=x`, 14, `unknown key "metdata.tier": did you mean metadata.tier?`},
		"family without a name":     {`//opik:track input=x`, 14, `unknown key "input": did you mean input.KEY?`},
		"family with an empty name": {`//opik:track usage.=x`, 14, `unknown key "usage.": did you mean usage.KEY?`},
		"far from every key":        {`//opik:track colour=red`, 14, `unknown key "colour": the keys are name, type, as, tags, metadata, project_name`},
		"the same first word":       {`//opik:track ignore_args=a`, 14, `unknown key "ignore_args": did you mean ignore_arguments?`},
		"several with that word":    {`//opik:track capture_nothing`, 14, `unknown key "capture_nothing": the keys are name, type`},
		"colon":                     {`//opik:track type:llm`, 14, `unknown key "type:llm": did you mean type=llm?`},
		"blanks in a value":         {`//opik:track name=three blind mice type=llm`, 25, `a value with blanks needs quotes: write name="three blind mice"`},
		"blanks around the sign":    {`//opik:track type = llm`, 19, `there are blanks around the equals sign: write type=llm`},
		"blank before the sign":     {`//opik:track type =llm`, 19, `there is a blank before the equals sign: write type=llm`},
		"blank behind the sign":     {`//opik:track type= llm`, 20, `there is a blank behind the equals sign: write type=llm`},
		"misspelt behind a value":   {`//opik:track name=x flsh`, 21, `unknown key "flsh": did you mean flush?`},
		"stray behind a choice":     {`//opik:track type=llm frobnicate`, 23, `unknown key "frobnicate": the keys are`},
		"sign and nothing":          {`//opik:track type =`, 14, `key type has no value: write type=`},
		"twice":                     {`//opik:track name=a type=llm name=b`, 30, `key name stands here twice, first on line 3: remove one`},
		"no value":                  {`//opik:track name`, 14, `key name has no value: write name=TEXT`},
		"empty value":               {`//opik:track name= type=llm`, 14, `key name has no value: write name=TEXT`},
		"empty quotes":              {`//opik:track name=""`, 14, `key name has no value: write name=TEXT`},
		"no key":                    {`//opik:track =llm`, 14, `the value "llm" has no key: write key=value`},
		"unclosed quote":            {`//opik:track name="two words`, 19, `there is no end to the "\"" that opens here`},
		"unclosed raw quote":        {"//opik:track name=`two words", 19, "there is no end to the \"`\" that opens here"},
		"unclosed bracket":          {`//opik:track model=pick(a, b type=llm`, 24, `there is no end to the "(" that opens here`},
		"bad escape":                {`//opik:track name="a\qb"`, 19, `not a Go string: "a\qb"`},
		"bad escape, quoted whole":  {`//opik:track "name=a\qb"`, 14, `not a Go string`},
		"type":                      {`//opik:track type=lmm`, 14, `type=lmm: expected general, tool, llm or guardrail; did you mean type=llm?`},
		"type in upper case":        {`//opik:track type=LLM`, 14, `did you mean type=llm?`},
		"boolean":                   {`//opik:track flush=yes`, 14, `flush=yes: expected true or false`},
		"misspelt, with more":       {`//opik:track naem.x=a`, 14, `unknown key "naem.x": did you mean name?`},
		"misspelt first of all":     {`//opik:track naem=a`, 14, `unknown key "naem": did you mean name?`},
		"misspelt family of counts": {`//opik:track usag.x=a`, 14, `unknown key "usag.x": did you mean usage.x?`},
		"misspelt key of a stream":  {`//opik:track stream.eahc=a`, 14, `unknown key "stream.eahc": did you mean stream.each?`},
		"empty quotes behind a key": {`//opik:track name "" three`, 14, `key name has no value: write name=TEXT`},
		"a word behind a key":       {`//opik:track name three`, 14, `key name has no value: write name=TEXT`},
		"words behind an unknown":   {`//opik:track colour=light blue`, 14, `unknown key "colour": the keys are`},
		"blanks in a list":          {`//opik:track tags=a, b flush`, 22, `a value with blanks needs quotes: write tags="a, b"`},
		"blanks, then a string":     {`//opik:track name=a b "c d"`, 21, `a value with blanks needs quotes: write name="a b c d"`},
		"blanks, then a quote":      {`//opik:track name=a b c"d"`, 21, `a value with blanks needs quotes: write name="a b"`},
		"blanks, then a key":        {`//opik:track name=a b type=llm`, 21, `a value with blanks needs quotes: write name="a b"`},
		"headers of a parameter":    {`//opik:track headers=inn:r`, 14, `headers=inn: expected in, out or none; did you mean headers=in?`},
		"no headers of a parameter": {`//opik:track headers=none:r`, 14, `headers=none:r: expected in, out or none, or in:NAME or out:NAME`},
		"headers of none":           {`//opik:track headers=in:`, 14, `headers=in:: expected in, out or none, or in:NAME or out:NAME`},
		"headers of an expression":  {`//opik:track headers=out:a.b`, 14, `headers=out:a.b: expected in, out or none, or in:NAME or out:NAME`},
		"headers":                   {`//opik:track headers=both`, 14, `headers=both: expected in, out or none`},
		"identifier":                {`//opik:track as=my-name`, 14, `as=my-name: expected a Go identifier, such as as=Chat`},
		"keyword":                   {`//opik:track as=func`, 14, `as=func: expected a Go identifier`},
		"blank identifier":          {`//opik:track as=_`, 14, `as=_: expected a Go identifier`},
		"empty element":             {`//opik:track tags=a,,b`, 14, `tags=a,,b: an element of the list is empty; write tags=A,B`},
		"odd key":                   {`//opik:track "metadata.two words=x"`, 15, `key "metadata.two words" has blanks, quotes or brackets in its name`},
		"torn key of ignore":        {`//opik:ignore name = x`, 15, `//opik:ignore takes no keys: remove name`},
		"key of ignore":             {`//opik:ignore name=x`, 15, `//opik:ignore takes no keys: remove name`},
		"nothing to wrap":           {`//opik:wrap as=Stream`, 1, `there is no type to wrap: write //opik:wrap import/path.Type as=Name`},
		"own type":                  {`//opik:wrap Stream as=Stream`, 13, `Stream has no import path: write import/path.Stream, or //opik:track over a type of this package`},
		"pointer":                   {`//opik:wrap *io.PipeReader as=Pipe`, 13, `*io.PipeReader is not a type's name`},
		"package":                   {`//opik:wrap io as=Pipe`, 13, `io has no import path`},
		"path without a type":       {`//opik:wrap example.com/x/ as=Pipe`, 13, `example.com/x/ is not a type of a package`},
		"relative path":             {`//opik:wrap ./sub.T as=T`, 13, `./sub.T is not a type of a package`},
		"wildcard":                  {`//opik:wrap example.com/.../sub.T as=T`, 13, `example.com/.../sub.T is not a type of a package`},
		"version":                   {`//opik:wrap example.com/m@v1.T as=T`, 13, `example.com/m@v1.T is not a type of a package`},
		"type arguments":            {`//opik:wrap example.com/m.T[int as=T`, 13, `example.com/m.T[int has type arguments that are not Go`},
		"type arguments, no types":  {`//opik:wrap example.com/m.T[1+] as=T`, 13, `example.com/m.T[1+] has type arguments that are not Go`},
		"type arguments, and more":  {`//opik:wrap example.com/m.T[int].U as=T`, 13, `example.com/m.T[int].U has type arguments that are not Go`},
		"wrapper without a name":    {`//opik:wrap io.Reader type=tool`, 1, `the wrapper of io.Reader has no name: add as=Reader`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, diagnostics := parse(t, test.comment)
			require.NotEmpty(t, diagnostics)
			assert.Contains(t, diagnostics[0].Message, test.want)
			assert.Equal(t, test.column, diagnostics[0].Pos.Column)
			assert.Equal(t, 3, diagnostics[0].Pos.Line)
		})
	}
}

func TestParseReportsEverythingAtOnce(t *testing.T) {
	directives, diagnostics := parse(t, `//opik:track typ=llm name=ask flush=maybe`, `//opik:track name=again`, `//opik:trak`)
	assert.Len(t, diagnostics, 4)
	require.Len(t, directives, 1)
	assert.Equal(t, [][2]string{{"name", "ask"}}, values(directives[0]), "what is right stays")
}

// TestParseReportsOnce: a fault is no reason to report what follows of it.
func TestParseReportsOnce(t *testing.T) {
	for _, comment := range []string{`//opik:wrap`, `//opik:wrap Stream`, `//opik:wrap io.Reader`, `//opik:track name=a b c`, `//opik:track type = llm`} {
		_, diagnostics := parse(t, comment)
		assert.Len(t, diagnostics, 1, comment)
	}
}

func TestParseReportsNearMisses(t *testing.T) {
	tests := map[string]string{ // by comment: how the directive would have been written
		`// opik:track`:                  `//opik:track`,
		`//  opik:track type=llm`:        `//opik:track type=llm`,
		"//\topik:track":                 `//opik:track`,
		`//Opik:track`:                   `//opik:track`,
		`//OPIK:track flush`:             `//opik:track flush`,
		`// Opik:Track type=llm`:         `//opik:track type=llm`,
		`//opik: track`:                  `//opik:track`,
		`//opik : track name=x`:          `//opik:track name=x`,
		`//opik track`:                   `//opik:track`,
		`//opik track type=llm`:          `//opik:track type=llm`,
		`// opik track type=llm`:         `//opik:track type=llm`,
		`// opik:trak`:                   `//opik:track`,
		`// opik:track name="two words"`: `//opik:track name="two words"`,
		`// opik:track flush`:            `//opik:track flush`,
		`// opik:track // all of it`:     `//opik:track // all of it`,
		`// opik:track colour=red`:       `//opik:track colour=red`,
		`// opik:ignore`:                 `//opik:ignore`,
		`// opik:wrap io.Reader as=R`:    `//opik:wrap io.Reader as=R`,
		`/*opik:track*/`:                 `//opik:track`,
		`/* opik:track type=llm */`:      `//opik:track type=llm`,
	}
	for comment, want := range tests {
		t.Run(comment, func(t *testing.T) {
			directives, diagnostics := parse(t, comment)
			assert.Empty(t, directives)
			require.Len(t, diagnostics, 1)
			assert.True(t, strings.HasSuffix(diagnostics[0].Message, ": write "+want), diagnostics[0].Message)
			assert.Equal(t, "p.go:3:1", diagnostics[0].Pos.String())
			assert.True(t, directive.Mentioned([]byte(comment)))
		})
	}
}

func TestParseLeavesProseAlone(t *testing.T) {
	for _, comment := range []string{
		`// F sends its spans to opik:track them there.`,
		`// see //opik:track`,
		`// Opik: the platform.`,
		`// opik track`,
		`// Opik tracks every call.`,
		`//opik is the platform`,
		`// opik:track on a method overrides the type's.`,
		`// opik:8080 is where it listens`,
		`// opikgen:track`,
		`//go:generate go tool opikgen`,
		`//nolint:opik`,
		`/* Opik tracks calls. */`,
		`//	//opik:track`,
	} {
		t.Run(comment, func(t *testing.T) {
			directives, diagnostics := parse(t, comment)
			assert.Empty(t, directives)
			assert.Empty(t, diagnostics)
		})
	}
}

func TestMentioned(t *testing.T) {
	assert.True(t, directive.Mentioned([]byte("package p\n//opik:track\nfunc f()\n")))
	assert.True(t, directive.Mentioned([]byte("opik opik // \tOpik")))
	assert.False(t, directive.Mentioned([]byte("package p\n\nimport opik \"x/runtime\"\n\nvar _ = opik.New // of opik\n")))
	assert.False(t, directive.Mentioned(nil))
}

// FuzzParse looks for comments that make the parser panic, and for directives that do not survive being printed.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`//opik:track name="two words" flush tags=a,b`, `//opik:wrap io.Reader as=R "metadata.x=a b"`, `//opik:ignore`,
		`// opik:track`, `//opik:track model=f("(", ' ') x=[`, "//opik:track name=`a`b usage.a=\"\\x00\"",
		`/*opik: track*/`, `//opik:track name=don't "`, "//opik:track name=\"a\\\"b\"", "//opik:track name=a\u2028b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		group := &ast.CommentGroup{List: []*ast.Comment{{Slash: 1, Text: comment}}}
		directives, _ := directive.Parse(fileSetFor(comment), group)
		for _, d := range directives {
			again := &ast.CommentGroup{List: []*ast.Comment{{Slash: 1, Text: d.String()}}}
			reparsed, _ := directive.Parse(fileSetFor(d.String()), again)
			require.Len(t, reparsed, 1, d.String())
			assert.Equal(t, values(d), values(reparsed[0]), d.String())
			assert.Equal(t, d.Target, reparsed[0].Target)
		}
	})
}

func fileSetFor(text string) *token.FileSet {
	fset := token.NewFileSet()
	fset.AddFile("p.go", 1, len(text))
	return fset
}

// TestParseMarksWhatIsFaulty tells directives to follow from those that hold a mistake.
func TestParseMarksWhatIsFaulty(t *testing.T) {
	for text, faulty := range map[string]bool{
		"//opik:track":               false,
		"//opik:track type=llm":      false,
		"//opik:track typ=llm":       true,
		"//opik:track type=lm":       true,
		"//opik:track name=\"a":      true,
		"//opik:wrap io.Reader":      true,
		"//opik:wrap Reader as=R":    true,
		"//opik:wrap io.Reader as=R": false,
		"//opik:ignore name=a":       true,
	} {
		directives, diagnostics := directive.Parse(token.NewFileSet(), &ast.CommentGroup{List: []*ast.Comment{{Slash: 1, Text: text}}})
		require.Len(t, directives, 1, text)
		assert.Equal(t, faulty, directives[0].Faulty, text)
		assert.Equal(t, faulty, len(diagnostics) > 0, text)
	}
}
