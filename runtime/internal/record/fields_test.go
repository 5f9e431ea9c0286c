package record_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// sections returns what a span with the fields says, read back from its row.
func sections(t *testing.T, e *record.Entry) map[string]any {
	t.Helper()
	row, err := record.DecodeSpan(e.AppendSpan(nil, &record.SpanPart{}))
	require.NoError(t, err)
	got := map[string]any{}
	for name, text := range map[string]json.RawMessage{"input": row.Input, "output": row.Output, "metadata": row.Metadata} {
		if text != nil {
			var v any
			require.NoError(t, json.Unmarshal(text, &v))
			got[name] = v
		}
	}
	return got
}

func TestFieldsKeepsSectionsApart(t *testing.T) {
	var e record.Entry
	e.Fields.SetText(record.Input, "q", "why?", 100)
	e.Fields.Set(record.Output, "q", []byte(`{"a":1}`))
	e.Fields.Set(record.Metadata, "q", []byte(`true`))
	e.Fields.Set(record.Input, "k", []byte(`3`))
	assert.Equal(t, map[string]any{
		"input":    map[string]any{"q": "why?", "k": 3.0},
		"output":   map[string]any{"q": map[string]any{"a": 1.0}},
		"metadata": map[string]any{"q": true},
	}, sections(t, &e))
}

func TestFieldsReplacesAndDeletes(t *testing.T) {
	var e record.Entry
	e.Fields.Set(record.Input, "a", []byte(`1`))
	e.Fields.Set(record.Input, "b", []byte(`2`))
	e.Fields.Set(record.Input, "a", []byte(`3`))
	e.Fields.Delete(record.Input, "b")
	e.Fields.Delete(record.Output, "a")
	assert.Equal(t, map[string]any{"input": map[string]any{"a": 3.0}}, sections(t, &e))

	got, ok := e.Fields.Get(record.Input, "a")
	assert.True(t, ok)
	assert.Equal(t, "3", string(got))
	_, ok = e.Fields.Get(record.Input, "b")
	assert.False(t, ok)
}

func TestFieldsLetsGoOfReplacedValues(t *testing.T) {
	var e record.Entry
	e.Fields.Set(record.Input, "kept", []byte(`"first"`))
	progress := []byte(`"` + strings.Repeat("x", 1000) + `"`)
	for range 10_000 {
		e.Fields.Set(record.Metadata, "progress", progress)
	}
	e.Fields.Set(record.Output, "kept", []byte(`"last"`))
	assert.Less(t, e.Fields.Size(), 2000)
	assert.Less(t, e.Fields.Held(), 20_000)
	for range 10_000 {
		e.Fields.Delete(record.Metadata, "progress")
		e.Fields.Set(record.Metadata, "progress", progress)
	}
	assert.Less(t, e.Fields.Held(), 20_000)
	got := sections(t, &e)
	assert.Equal(t, map[string]any{"kept": "first"}, got["input"])
	assert.Equal(t, map[string]any{"kept": "last"}, got["output"])
}

func TestFieldsMerge(t *testing.T) {
	nested := func(depth int, leaf string) string {
		return strings.Repeat(`{"n":`, depth) + leaf + strings.Repeat(`}`, depth)
	}
	cases := map[string]struct{ old, new, want string }{
		"objects":        {`{"a":1,"b":2}`, `{"b":3,"c":4}`, `{"a":1,"b":3,"c":4}`},
		"within objects": {`{"a":{"x":1,"y":1}}`, `{"a":{"y":2}}`, `{"a":{"x":1,"y":2}}`},
		"lists":          {`[1,2]`, `[3]`, `[3]`},
		"object by text": {`{"a":1}`, `"b"`, `"b"`},
		"text by object": {`"b"`, `{"a":1}`, `{"a":1}`},
		"null by object": {`null`, `{"a":1}`, `{"a":1}`},
		"object by null": {`{"a":1}`, `null`, `null`},
		"large numbers":  {`{"a":12345678901234567890}`, `{"b":1.10}`, `{"a":12345678901234567890,"b":1.10}`},
		"markup":         {`{"a":"<b>"}`, `{"b":"&"}`, `{"a":"<b>","b":"&"}`},
		"as deep as ten": {nested(9, `{"a":1}`), nested(9, `{"b":2}`), nested(9, `{"a":1,"b":2}`)},
		"deeper":         {nested(10, `{"a":1}`), nested(10, `{"b":2}`), nested(10, `{"b":2}`)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var f record.Fields
			f.Set(record.Output, "v", []byte(c.old))
			f.Merge(record.Output, "v", []byte(c.new))
			got, _ := f.Get(record.Output, "v")
			assert.Equal(t, c.want, string(got))
		})
	}
}

func TestFieldsMergeIntoNothing(t *testing.T) {
	var f record.Fields
	f.Merge(record.Output, "v", []byte(`{"a":1}`))
	got, _ := f.Get(record.Output, "v")
	assert.Equal(t, `{"a":1}`, string(got))
}

func TestFieldsSettle(t *testing.T) {
	var e record.Entry
	lent := make([]byte, 0, 1000)
	assert.True(t, e.Fields.Bare())
	e.Fields.Lend(lent)
	assert.False(t, e.Fields.Bare())
	e.Fields.SetText(record.Output, "b", "two", 100)
	e.Fields.SetText(record.Input, "a", "one", 100)
	row := e.AppendSpan(nil, &record.SpanPart{})

	settled := make([]byte, e.Fields.Size())
	back := e.Fields.Settle(settled)
	assert.Equal(t, 1000, cap(back))
	copy(back[:1000], strings.Repeat("#", 1000)) // what others write into the memory does not matter any more
	assert.Equal(t, string(row), string(e.AppendSpan(nil, &record.SpanPart{})))

	before := string(settled)
	e.Fields.SetText(record.Output, "c", "three", 100)
	assert.Equal(t, before, string(settled), "what was settled does not change")
	assert.Equal(t, map[string]any{
		"input":  map[string]any{"a": "one"},
		"output": map[string]any{"b": "two", "c": "three"},
	}, sections(t, &e))
}

// TestFieldsAgainstAModel does random operations on Fields and on maps, which must say the same.
func TestFieldsAgainstAModel(t *testing.T) {
	all := []record.Section{record.Input, record.Output, record.Metadata}
	for seed := range uint64(50) {
		keys := []int{8, 200}[seed%2] // few, and so many that their places are noted
		random := rand.New(rand.NewPCG(seed, 0))
		var e record.Entry
		model := map[string]any{}
		for step := range 600 {
			section, key := all[random.IntN(3)], fmt.Sprint("key", random.IntN(keys))
			switch random.IntN(8) {
			case 0:
				e.Fields.Delete(section, key)
				forget(model, section, key)
			case 1:
				e.Fields.Settle(make([]byte, 0, e.Fields.Size()))
			default:
				text := strings.Repeat("x", random.IntN(400))
				e.Fields.SetText(section, key, text, 1000)
				enter(model, section, key, text)
			}
			if step%50 == 0 {
				require.Equal(t, model, sections(t, &e), "seed %d, step %d", seed, step)
			}
		}
		require.Equal(t, model, sections(t, &e), "seed %d", seed)
	}
}

// TestManyFieldsTakeNoLongerEach captures as many values as a map with a key for each document may have. Looking at all
// those before it for each of them took minutes.
func TestManyFieldsTakeNoLongerEach(t *testing.T) {
	var e record.Entry
	ends := time.Now().Add(20 * time.Second)
	for i := range 100_000 {
		e.Fields.Merge(record.Metadata, fmt.Sprintf("document-%06d", i), []byte("1"))
		require.True(t, i%1000 != 0 || time.Now().Before(ends), "%d of 100,000 values took 20 s", i)
	}
	assert.Len(t, sections(t, &e)["metadata"], 100_000)
}

func enter(model map[string]any, s record.Section, key, text string) {
	if model[s.String()] == nil {
		model[s.String()] = map[string]any{}
	}
	model[s.String()].(map[string]any)[key] = text
}

func forget(model map[string]any, s record.Section, key string) {
	section, _ := model[s.String()].(map[string]any)
	delete(section, key)
	if len(section) == 0 {
		delete(model, s.String())
	}
}
