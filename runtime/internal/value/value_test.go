package value_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

const limit = 1 << 20

func encode(v any) string { return string(value.Append(nil, v, limit)) }

// standard is what encoding/json writes, which is the reference for all it can write.
func standard(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSuffix(b.String(), "\n")
}

type (
	inner struct {
		A int
		B string `json:"b"`
	}
	Embedded struct{ E, Shadowed int }
	deep     struct{ Deep string }
	named    string
	point    struct{ X, Y int }
	onlyPtr  struct{ n int }
	flags    uint8
)

func (p point) MarshalText() ([]byte, error)    { return fmt.Appendf(nil, "%d/%d", p.X, p.Y), nil }
func (o *onlyPtr) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[ %d ]", o.n), nil }
func (f flags) MarshalJSON() ([]byte, error)    { return json.Marshal([]uint8{uint8(f)}) }

type everything struct {
	Embedded
	*deep
	Shadowed   string
	Bool       bool
	I8         int8
	U64        uint64
	F32        float32
	F64        float64
	Name       named
	Inner      inner
	PInner     *inner `json:"p,omitempty"`
	Any        any
	Anys       []any
	Strings    []string
	Array      [2]inner
	Map        map[string]any
	IntKeys    map[int]string
	TextKeys   map[point]int
	Raw        json.RawMessage
	Number     json.Number
	Time       time.Time
	Zero       time.Time `json:",omitzero"`
	Duration   time.Duration
	Quoted     int            `json:",string"`
	QuotedS    string         `json:",string"`
	QuotedP    *int           `json:",string"`
	Empty      string         `json:"empty,omitempty"`
	EmptyMap   map[string]int `json:",omitempty"`
	Skipped    string         `json:"-"`
	Dash       string         `json:"-,"`   //nolint:staticcheck // a name that is meant for once
	BadName    string         `json:"a\"b"` //nolint:staticcheck // a name that encoding/json does not take
	unexported string         //nolint:unused // it must not be written
	Ptrs       []onlyPtr
	Ptr        onlyPtr
	Flags      []flags
	Addr       netip.Addr
	Iface      fmt.Stringer
}

func sample() everything {
	n := 7
	return everything{
		Embedded: Embedded{E: 1, Shadowed: 2},
		Shadowed: "outer", Bool: true, I8: -8, U64: math.MaxUint64, F32: 3.4e-7, F64: 1e21, Name: "n",
		Inner: inner{1, "<&>"}, PInner: &inner{2, "\u2028"}, Any: map[string]any{"z": 1.5, "a": nil, "m": []int{1}},
		Anys: []any{nil, "x", 1, 2.5, true, []any{}, map[string]string{"k": "v"}, &n}, Strings: []string{"a", ""},
		Map: map[string]any{}, IntKeys: map[int]string{10: "ten", 9: "nine"}, TextKeys: map[point]int{{1, 2}: 3},
		Raw: json.RawMessage(" { \"a\" : [ 1 , 2 ] } "), Number: "12e3", Time: time.Unix(1, 5).UTC(),
		Duration: time.Second, Quoted: 5, QuotedS: "q\"", QuotedP: &n, Dash: "dash", BadName: "bad",
		Ptrs: []onlyPtr{{1}, {2}}, Ptr: onlyPtr{3}, Flags: []flags{1, 2}, Addr: netip.MustParseAddr("::1"),
	}
}

func TestAppendWritesWhatTheStandardLibraryWrites(t *testing.T) {
	s := sample()
	cases := map[string]any{
		"nil": nil, "string": "plain", "escapes": "\"\\\b\f\n\r\t\x00\x1f\x7f<>&", "separators": "a\u2028b\u2029c",
		"invalid UTF-8": "a\xff\xfe\xed\xa0\x80z", "multi-byte": "héllo wörld 日本語 🎉", "bool": false, "int": -1, "int64": int64(math.MinInt64),
		"float": 0.1, "float exponent": 1e-9, "float zero": math.Copysign(0, -1), "float32": float32(0.3), "large float": 1e300,
		"struct": s, "pointer": &s, "nil pointer": (*everything)(nil), "empty struct": struct{}{},
		"embedded pointer": struct{ *inner }{&inner{1, "b"}}, "nil embedded pointer": struct{ *inner }{},
		"ambiguous names": struct {
			Embedded
			Other struct{ E int } `json:"other"`
			X     int             `json:"E"`
		}{X: 3},
		"slice of structs": []everything{s, s}, "map of structs": map[string]inner{"b": {1, "x"}, "a": {2, "y"}},
		"raw": json.RawMessage(`{"a":1}`), "number": json.Number("1.50"), "empty number": json.Number(""), "nested maps": map[string]any{"a": map[string]any{"b": map[string]any{"c": []any{1, "2"}}}, "d": map[string]any{}},
		"tagged embedded": struct {
			inner  `json:"named"`
			*deep  `json:"pointer"`
			hidden int
		}{inner: inner{1, "x"}, deep: &deep{"d"}},
		"tagged wins": struct {
			Embedded
			Alias int `json:"Shadowed"`
		}{Embedded{1, 2}, 3},
		"tagged wins beside": struct {
			A int `json:"X"`
			X int
		}{1, 2},
		"recursive embedding": recursive{V: 1},
		"nil methods": struct {
			M json.Marshaler
			T encoding.TextMarshaler
			P *point
			O *onlyPtr
			S fmt.Stringer
		}{},
		"nil collections": struct {
			S []int
			M map[string]int
			B []byte
			R json.RawMessage
			A []any
			D map[string]any
		}{},
		"omissions": struct {
			E  int       `json:",omitempty"`
			F  []int     `json:",omitempty"`
			P  *int      `json:",omitempty"`
			S  struct{}  `json:",omitempty"`
			Z  struct{}  `json:",omitzero"`
			T  time.Time `json:",omitempty,omitzero"`
			N  *point    `json:",omitzero"`
			W  []int     `json:",omitzero"`
			W2 []int     `json:",omitzero"`
			Y  zeroing   `json:",omitzero"`
			Y2 zeroing   `json:",omitzero"`
			YP *zeroing  `json:",omitzero"`
		}{W2: []int{}, Y2: zeroing{1}, Y: zeroing{7}},
		"omissions by pointer": &struct {
			Y zeroPtr  `json:",omitzero"`
			Z zeroPtr  `json:",omitzero"`
			P *zeroPtr `json:",omitzero"`
			I zeroer   `json:",omitzero"`
			J zeroer   `json:",omitzero"`
		}{Y: zeroPtr{7}, I: (*zeroPtr)(nil), J: &zeroPtr{1}},
		"omissions of a copy": struct {
			Y zeroPtr `json:",omitzero"`
			Z zeroPtr `json:",omitzero"`
		}{Y: zeroPtr{7}},
		"quoted that write themselves": quoting{},
		"quoted by pointer":            &quoting{},
		"quoted below pointers to them": struct {
			P *flags `json:",string"`
		}{new(flags)},
		"not quotable": struct {
			S []int       `json:",string"` //nolint:staticcheck // the option has no effect here
			B bool        `json:",string"`
			N json.Number `json:",string"`
		}{B: true, N: "12"},
		"arrays": [2][]byte{nil, {0, 255}}, "byte array": [3]byte{1, 2, 3}, "flags": []flags{1, 2},
		"recursive type": &node{Value: 1, Next: &node{Value: 2}},
	}
	for name, v := range cases {
		t.Run(name, func(t *testing.T) { assert.Equal(t, standard(t, v), encode(v)) })
	}
}

type recursive struct {
	*recursive //nolint:unused // it is there to be followed once
	V          int
}

// zeroing thinks that 7 is zero.
type zeroing struct{ N int }

func (z zeroing) IsZero() bool { return z.N == 7 }

// The methods of zeroPtr and level are those of the pointer.
type (
	zeroer  interface{ IsZero() bool }
	zeroPtr struct{ N int }
	level   int
	quoting struct {
		F flags `json:",string"`
		L level `json:",string"`
	}
)

func (z *zeroPtr) IsZero() bool               { return z.N == 7 }
func (l *level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "level %d", int(*l)), nil }

type node struct {
	Value int
	Next  *node
	Any   any `json:",omitempty"`
}

type (
	panics      struct{}
	lies        struct{}
	fails       struct{}
	panicsText  struct{ V int }
	panicsError struct{}
	panicsZero  struct{}
	pointerErr  struct{ s string }
)

func (e *pointerErr) Error() string { return e.s }
func (panicsZero) IsZero() bool     { panic("zero") }

func (panics) MarshalJSON() ([]byte, error)      { panic("boom") }
func (lies) MarshalJSON() ([]byte, error)        { return []byte(`{"a":`), nil }
func (fails) MarshalJSON() ([]byte, error)       { return nil, errors.New("no") }
func (*panicsText) MarshalText() ([]byte, error) { panic(errors.New("text")) }
func (panicsError) Error() string                { panic("error") }

func TestManyValuesBesideEachOtherAreNotDeep(t *testing.T) {
	list := make([]struct{ V any }, 1000)
	for i := range list {
		list[i].V = struct{ W error }{errors.New("x")}
	}
	assert.NotContains(t, encode(list), "nested deeper")
}

func TestAppendLeavesANoteWhereAValueHasNoJSON(t *testing.T) {
	shared, same := &node{Value: 1}, []any{1}
	cycle := &node{Value: 1}
	cycle.Next = cycle
	list := []any{1, nil}
	list[1] = list
	loop := map[string]any{"n": 1}
	loop["self"] = loop
	cases := map[string]struct {
		value any
		want  string
	}{
		"channel":               {make(chan int), `"[chan int]"`},
		"function":              {func(int) string { return "" }, `"[func(int) string]"`},
		"nil function":          {(func())(nil), `null`},
		"complex":               {1 + 2i, `"(1+2i)"`},
		"NaN":                   {math.NaN(), `"NaN"`},
		"infinity in a struct":  {struct{ A, B float64 }{math.Inf(-1), 1}, `{"A":"-Inf","B":1}`},
		"function in a list":    {[]any{func() {}, 1}, `["[func()]",1]`},
		"cycle by pointer":      {cycle, `{"Value":1,"Next":"[cycle]"}`},
		"cycle by slice":        {list, `[1,"[cycle]"]`},
		"cycle by map":          {loop, `{"n":1,"self":"[cycle]"}`},
		"shared, not a cycle":   {[]*node{shared, shared}, `[{"Value":1,"Next":null},{"Value":1,"Next":null}]`},
		"shared slices":         {[][]any{same, same}, `[[1],[1]]`},
		"panicking marshaler":   {[]any{panics{}, 2}, `["[value_test.panics: MarshalJSON: panic: boom]",2]`},
		"lying marshaler":       {[]any{lies{}, 2}, `["[value_test.lies: MarshalJSON returned no JSON: {\"a\":]",2]`},
		"failing marshaler":     {[]any{fails{}, 2}, `["[value_test.fails: MarshalJSON: no]",2]`},
		"panicking text":        {&panicsText{}, `"[*value_test.panicsText: MarshalText: panic: text]"`},
		"panicking error":       {panicsError{}, `"[value_test.panicsError: Error: panic: error]"`},
		"raw, not JSON":         {struct{ R json.RawMessage }{json.RawMessage("{")}, `{"R":"[not JSON: {]"}`},
		"raw, invalid UTF-8":    {json.RawMessage("\"\xff\""), "\"\ufffd\""},
		"raw, lines":            {json.RawMessage("{\n\"a\": \"b\\n\"\n}"), `{"a":"b\n"}`},
		"number, not a number":  {json.Number("twelve"), `"twelve"`},
		"number, almost a list": {json.Number("1,2"), `"1,2"`},
		"error":                 {fmt.Errorf("a: %w", errors.New("b")), `"a: b"`},
		"error in a struct":     {struct{ Err error }{errors.New("b")}, `{"Err":"b"}`},
		"nil error in a struct": {struct{ Err error }{}, `{"Err":null}`},
		"keys of any type":      {map[any]int{1: 1, "b": 2, true: 3, point{1, 2}: 4}, `{"1":1,"1/2":4,"b":2,"true":3}`},
		"nil error pointer":     {[]any{(*pointerErr)(nil), &pointerErr{"e"}}, `[null,"e"]`},
		"nil text marshaler":    {[]any{(*panicsText)(nil), (*onlyPtr)(nil)}, `[null,null]`},
		"panicking IsZero": {struct {
			P panicsZero `json:",omitzero"`
		}{}, `{"P":{}}`},
		"empty raw":       {json.RawMessage{}, `"[not JSON: ]"`},
		"text in bytes":   {[]byte("text\n"), `"text\n"`},
		"bytes, not text": {[]byte{0, 1, 0xff}, `"AAH/"`},
		"nil bytes":       {[]byte(nil), `null`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, encode(c.value)) })
	}
}

func TestAppendHonoursTags(t *testing.T) {
	type account struct {
		User     string
		Password string   `json:"password" opik:"redact"`
		Token    []string `opik:"-"`
		Empty    string   `json:",omitempty" opik:"redact"`
	}
	a := account{User: "u", Password: "secret", Token: []string{"secret"}}
	const want = `{"User":"u","password":"[redacted]"}`
	cases := map[string]struct {
		value any
		want  string
	}{
		"itself":         {a, want},
		"pointer":        {&a, want},
		"in a slice":     {[]account{a}, "[" + want + "]"},
		"behind any":     {map[string]any{"x": []any{&a}}, `{"x":[` + want + `]}`},
		"embedded":       {struct{ account }{a}, want},
		"behind a field": {struct{ Any any }{a}, `{"Any":` + want + `}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, encode(c.value)) })
	}
}

func TestAppendCutsWhatIsTooLarge(t *testing.T) {
	cases := map[string]struct {
		value any
		want  string
	}{
		"text":               {"0123456789abc", `"0123456789 [cut: the first 10 of 13 bytes]"`},
		"text within":        {"0123456789", `"0123456789"`},
		"in front of a rune": {"01234567é9é", `"01234567é [cut: the first 10 of 13 bytes]"`},
		"in a rune":          {"012345678日本", `"012345678 [cut: the first 9 of 15 bytes]"`},
		"list":               {[]int{1, 2, 3, 4, 5, 6}, `"[1,2,3,4,5 [cut after 10 bytes]"`},
		"map":                {map[string]string{"a": "0123456789", "b": ""}, `"{\"a\":\"0123 [cut after 10 bytes]"`},
		"struct":             {struct{ A, B string }{"0123", "0123"}, `"{\"A\":\"0123 [cut after 10 bytes]"`},
		"raw":                {json.RawMessage(`[ 1, 2, 3, 4, 5, 6 ]`), `"[1,2,3,4,5 [cut after 10 bytes]"`},
		"bytes":              {[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8}, `"\"AAECAwQF\" [cut after 10 bytes]"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := string(value.Append(nil, c.value, 10))
			assert.Equal(t, c.want, got)
			assert.True(t, json.Valid([]byte(got)))
		})
	}
}

// TestHugeBytesAreNotCopied captures bytes of which nearly all are cut. They were copied whole, to be looked at as text.
func TestHugeBytesAreNotCopied(t *testing.T) {
	const limit = 1000
	texts := bytes.Repeat([]byte("héllo wörld €🎉 "), 1<<19)
	binary := append([]byte{0, 1, 2}, texts...)
	for shift := range 8 { // so that the cut is at every place in a character
		text := append(bytes.Repeat([]byte{'x'}, shift), texts...)
		for name, v := range map[string]any{"text": text, "binary": binary, "in a struct": struct{ B []byte }{text}} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := value.Append(nil, v, limit)
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), name)
			require.True(t, json.Valid(got), name)
			assert.Less(t, len(got), 4*limit, name)
			assert.Equal(t, name == "binary", !bytes.Contains(got, []byte("wörld")), name)
			assert.Contains(t, string(got), "[cut after", name)
		}
	}
}

func TestAppendEndsWhereNestingDoesNot(t *testing.T) {
	var deep any = 1
	for range 100_000 {
		deep = struct{ N any }{deep}
	}
	got := encode(deep)
	assert.Contains(t, got, "nested deeper than")
	assert.True(t, json.Valid([]byte(got)))

	// Two references to the next level on each of sixty levels are 2^60 values: the limit ends that.
	level := []any{1, 1}
	for range 60 {
		level = []any{level, level}
	}
	assert.Less(t, len(value.Append(nil, level, 1000)), 3000)
}

func TestAppendAppends(t *testing.T) {
	for _, v := range []any{"s", 1, []int{1}, strings.Repeat("x", 100), panics{}} {
		got := string(value.Append([]byte("before:"), v, 50))
		assert.Equal(t, "before:"+string(value.Append(nil, v, 50)), got)
	}
}

func TestNil(t *testing.T) {
	for _, v := range []any{nil, (*int)(nil), map[string]int(nil), []int(nil), (func())(nil), (chan int)(nil), error(nil)} {
		assert.True(t, value.Nil(v), "%T", v)
	}
	for _, v := range []any{0, "", []int{}, map[string]int{}, new(int), struct{}{}} {
		assert.False(t, value.Nil(v), "%T", v)
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain text of some length", "\x00\"\\\n", "a\xffb", "日本\u2028語", "12345678\"12345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		assert.Equal(t, standard(t, s), string(value.AppendString(nil, s)))
		cut := value.AppendText(nil, s, 7)
		assert.True(t, json.Valid(cut), "%q", cut)
	})
}

// FuzzAppend decodes any JSON and writes it again, generic and as a struct.
func FuzzAppend(f *testing.F) {
	s := sample()
	seed, err := json.Marshal(s)
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte(`{"Any":[1,2.5,"x",null,{"a":{}}],"Map":{"k":[true]},"Raw":[1]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var generic any
		if json.Unmarshal(b, &generic) != nil {
			return
		}
		got := encode(generic)
		if !strings.Contains(got, "nested deeper") {
			assert.Equal(t, standard(t, generic), got)
		}
		type plain struct {
			A *plain
			B []plain
			C map[string]*plain
			D any     `json:",omitempty"`
			E float32 `json:"e,string"`
		}
		var p plain
		if json.Unmarshal(b, &p) == nil && !strings.Contains(encode(p), "nested deeper") {
			assert.Equal(t, standard(t, p), encode(p))
		}
		assert.True(t, json.Valid(value.Append(nil, generic, len(b)/2)))
	})
}

func TestAppendAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	dst := make([]byte, 0, 4096)
	text := strings.Repeat("a line of text\n", 20)
	var (
		boxedText    any = text
		boxedMap     any = map[string]any{"role": "user", "content": text, "n": 1}
		boxedStrings any = []string{"a", "b"}
		boxedStruct  any = &inner{1, text}
	)
	for name, v := range map[string]any{"string": boxedText, "map": boxedMap, "strings": boxedStrings, "struct": boxedStruct} {
		value.Append(dst, v, limit)
		assert.Zero(t, testing.AllocsPerRun(100, func() { value.Append(dst, v, limit) }), name)
	}
}

func BenchmarkAppend(b *testing.B) {
	text := strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 23)
	type message struct{ Role, Content string }
	messages := []message{{"system", text[:300]}, {"user", text[300:600]}, {"assistant", text[600:]}}
	generic := map[string]any{"model": "m", "messages": []any{map[string]any{"role": "user", "content": text}}, "temperature": 0.5}
	dst := make([]byte, 0, 8192)
	quotes := strings.Repeat("The quick brown fox says \"hello\" to the lazy dog. ", 20)
	for name, v := range map[string]any{"text": text, "quotes": quotes, "messages": messages, "generic": generic} {
		b.Run(name+"/value", func(b *testing.B) {
			for b.Loop() {
				value.Append(dst, v, limit)
			}
		})
		b.Run(name+"/encoding-json", func(b *testing.B) {
			buf := bytes.NewBuffer(make([]byte, 0, 8192))
			e := json.NewEncoder(buf)
			e.SetEscapeHTML(false)
			for b.Loop() {
				buf.Reset()
				_ = e.Encode(v)
			}
		})
	}
}
