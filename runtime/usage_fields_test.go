package opik_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// wire is a response of an SDK that still knows its JSON.
type wire struct{ raw string }

func (w wire) RawJSON() string { return w.raw }

// usageCases returns the cases of testdata/usage.json: of each usage, as a provider sends it, the counts that Opik's Python SDK
// makes, and what we send beside them, because the server takes the wrong price without it. make interop holds the file
// to the Python SDK itself.
func usageCases(t *testing.T) (cases []struct {
	Name         string
	Usage        json.RawMessage
	Want, Beside map[string]int
}) {
	t.Helper()
	text, err := os.ReadFile("../testdata/usage.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &cases))
	return cases
}

func TestUsageFieldsAreThoseOfThePythonSDK(t *testing.T) {
	for _, c := range usageCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			maps.Copy(c.Want, c.Beside)
			assert.Equal(t, c.Want, usageOf(t, wire{string(c.Usage)}))
		})
	}
}

// usageOf returns the counts of a span that has a usage.
func usageOf(t *testing.T, usage wire) map[string]int {
	t.Helper()
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureUsageFields(span, usage)
	span.End()
	return rec.Traces()[0].Spans[0].Usage
}

func TestUsageFieldsOfAnUnknownProvider(t *testing.T) {
	assert.Equal(t, map[string]int{"neurons": 7}, usageOf(t, wire{`{"neurons":7,"seconds":1.5,"note":"x","large":3000000000}`}))
	assert.Empty(t, usageOf(t, wire{`[1]`}))
}

// TestUsageFieldsWithoutEnd is about a server whose usage has more counts than anybody looks at. To find each among those
// before it took seconds.
func TestUsageFieldsWithoutEnd(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"prompt_tokens":1,"completion_tokens":2`)
	for i := range 30_000 {
		fmt.Fprintf(&text, `,"count_%06d":1`, i)
	}
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	began := time.Now()
	opik.CaptureUsageFields(span, wire{text.String() + "}"})
	assert.Less(t, time.Since(began), 10*time.Second)
	span.End()
	usage := rec.Traces()[0].Spans[0].Usage
	assert.Len(t, usage, 256+3, "and the three that Opik shows")
	assert.Equal(t, 3, usage["total_tokens"])
	assert.EqualValues(t, 30_002-256, rec.Client.Stats().DroppedUsage)
}

func TestUsageFieldsOfNothing(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureUsageFields(span, struct {
		PromptTokens int `json:"prompt_tokens"`
	}{})
	opik.CaptureUsageFields(span, (*wire)(nil))
	opik.CaptureUsageFields[any](span, nil)
	opik.CaptureUsageFields(span, wire{"{"})
	span.End()
	assert.Empty(t, rec.Traces()[0].Spans[0].Usage)
	opik.CaptureUsageFields((*opik.Span)(nil), wire{"{}"})
}

func TestUsageFieldsOfAStructWithoutItsJSON(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureUsageFields(span, &struct {
		PromptTokens     int                `json:"prompt_tokens"`
		CompletionTokens int                `json:"completion_tokens"`
		Details          struct{ A, B int } `json:"details"`
		Seconds          int                `json:"seconds"`
	}{PromptTokens: 9, Details: struct{ A, B int }{A: 1}})
	span.End()
	assert.Equal(t, map[string]int{
		"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.prompt_tokens": 9, "original_usage.details.A": 1,
	}, rec.Traces()[0].Spans[0].Usage)
}

// TestUsageFieldsTakeTheCost is for OpenRouter, which says what a call cost.
func TestUsageFieldsTakeTheCost(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureUsageFields(span, wire{`{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0.25}`})
	span.End()
	got := rec.Traces()[0].Spans[0]
	require.NotNil(t, got.TotalCost)
	assert.Equal(t, 0.25, *got.TotalCost)
	assert.NotContains(t, got.Usage, "original_usage.cost")
}

func TestUsageFieldsOfAStreamKeepWhatWasCounted(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	span.Returned()
	stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, chunk wire) { opik.CaptureUsageFields(span, chunk) }, nil)
	stream.Observe(wire{`{"input_tokens":9,"cache_read_input_tokens":0,"output_tokens":1}`})
	stream.Observe(wire{`{"input_tokens":0,"output_tokens":15}`})
	require.NoError(t, stream.Closed(nil))
	span.End()
	assert.Equal(t, map[string]int{
		"prompt_tokens": 9, "completion_tokens": 15, "total_tokens": 24, "original_usage.input_tokens": 9,
		"original_usage.cache_read_input_tokens": 0, "original_usage.output_tokens": 15,
	}, rec.Traces()[0].Spans[0].Usage)
}

// FuzzUsageFields reads whatever an SDK calls the JSON of a usage.
func FuzzUsageFields(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":1},"iterations":[{"input_tokens":1},2],"cost":1e400,"c":[[1]],"n":1.5}`, `{"a":{`, `[]`, `{"iterations":{}}`, `7`} {
		f.Add(seed)
	}
	rec := opiktest.Open(opik.Options{})
	f.Cleanup(func() { _ = rec.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
		opik.CaptureUsageFields(span, wire{text})
		span.End()
	})
}
