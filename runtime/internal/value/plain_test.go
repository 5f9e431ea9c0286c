package value_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

type (
	plainPart struct {
		Kind  string `json:"kind"`
		Small int8   `json:"small,omitempty"`
	}
	plainBase struct {
		ID     uint64
		Hidden string `json:"-"`
	}
	plainTurn struct {
		plainBase
		Role    string      `json:"role"`
		Parts   []plainPart `json:"parts"`
		Next    *plainPart  `json:"next,omitempty"`
		Bytes   []byte      `json:"bytes"`
		Weights []float32
		Score   float64 `json:",omitzero"`
		Flags   []bool  `json:"flags,omitempty"`
		Deep    [][]*string
	}
	family struct {
		Name  string
		Below []family
	}
	quotedNumber struct {
		N int `json:",string"`
	}
	secretive struct {
		Key string `opik:"redact"`
		Not string `opik:"-"`
		Yes string
	}
)

func plainTurns() []plainTurn {
	text := "it is \"quoted\"\n"
	return []plainTurn{
		{},
		{
			plainBase: plainBase{ID: 7, Hidden: "no"}, Role: "user", Parts: []plainPart{{"a", 0}, {"b", -3}}, Next: &plainPart{"c", 1},
			Weights: []float32{0.1, 1e30}, Score: 0.25, Flags: []bool{true, false}, Deep: [][]*string{{&text, nil}, nil, {}},
		},
	}
}

func TestPlainValuesAreWrittenAsTheStandardLibraryDoes(t *testing.T) {
	turns := plainTurns()
	for _, v := range []any{turns, &turns[1], turns[1], &turns, []*plainTurn{&turns[0], nil}, [][]int{{1, 2}, nil}, []string{"a"}, []quotedNumber{{3}}} {
		assert.Equal(t, standard(t, v), encode(v))
	}
	assert.Equal(t, `[{"Key":"[redacted]","Yes":"y"}]`, encode([]secretive{{"k", "n", "y"}})) //nolint:gosec // no credential
}

func TestPlain(t *testing.T) {
	turns := plainTurns()
	for _, v := range []any{"", 1, 2.5, true, turns, turns[0], &turns[0], []byte("x"), []secretive{}} {
		assert.True(t, value.Plain(v), "%T", v)
	}
	for _, v := range []any{
		[]any{1}, map[string]string{}, point{}, []point{}, &onlyPtr{}, []onlyPtr{}, time.Now(), family{}, []family{}, []quotedNumber{},
		[2]int{}, complex(1, 2), make(chan int), []error{},
	} {
		assert.False(t, value.Plain(v), "%T", v)
	}
}

func TestPlainValuesAreCut(t *testing.T) {
	got := string(value.Append(nil, plainTurns(), 40))
	assert.Contains(t, got, "[cut after")
	assert.Less(t, len(got), 100)
}
