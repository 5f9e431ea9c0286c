package opik_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

// TestTextsTogetherAreBounded has texts each of which may be as long as it is.
func TestTextsTogetherAreBounded(t *testing.T) {
	text := strings.Repeat("x", 200_000)
	rows := rowsOf(t, opik.Options{MaxValueBytes: 300_000}, func(ctx context.Context, _ *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{NoDuplicateRoot: true})
		for i := range 20 {
			opik.CaptureOutput(span, strconv.Itoa(i), text)
		}
		span.End()
	})
	require.Len(t, rows, 1)
	assert.Less(t, len(rows[0].Text), 1<<20+10_000)
	assert.Greater(t, len(rows[0].Text), 5*len(text))
	assert.Contains(t, rows[0].Text, `"19":"[not recorded: the values of the span are too large together]"`)
}

func TestAResultThatSaysHowItWent(t *testing.T) {
	for _, failed := range []bool{false, true} {
		span := recordSpan(t, func(s *opik.Span) { opik.CaptureFailed(s, failed) })
		assert.Equal(t, failed, span.Error != nil)
	}
	opik.CaptureFailed(nil, true)
}

// TestACountThatIsSaidAgain is one count, the last.
func TestACountThatIsSaidAgain(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, _ *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		for n := range 3 {
			opik.CaptureUsage(span, "a", n+1)
			opik.CaptureUsage(span, "b", n+1)
		}
		span.End()
	})
	require.Len(t, rows, 2)
	assert.Contains(t, rows[1].Text, `"usage":{"a":3,"b":3}`)
}

func TestCountsThatAreNoneAreCounted(t *testing.T) {
	rec := recorder(t, opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureUsageFields(span, json.RawMessage(`{"a_tokens":1,"b_tokens":1.5,"c_tokens":1e999,"d_tokens":4294967296}`))
	span.End()
	assert.Equal(t, map[string]int{"a_tokens": 1}, rec.Traces()[0].Spans[0].Usage)
	assert.EqualValues(t, 3, rec.Client.Stats().DroppedUsage)
}

func TestCaptureReadsTheValueAtOnce(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		list, dict := []string{"before"}, map[string]any{"k": "before"}
		opik.CaptureInput(s, "list", list)
		opik.CaptureInput(s, "dict", dict)
		list[0], dict["k"] = "after", "after"
	})
	assert.Equal(t, map[string]any{"list": []any{"before"}, "dict": map[string]any{"k": "before"}}, span.Input)
}

func TestCaptureOfEveryKind(t *testing.T) {
	type request struct {
		Model  string  `json:"model"`
		Secret string  `json:"secret" opik:"redact"`
		Gone   string  `opik:"-"`
		Topic  *string `json:"topic,omitempty"`
	}
	type named string
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureInput(s, "bool", true)
		opik.CaptureInput(s, "int", -3)
		opik.CaptureInput(s, "float", 0.5)
		opik.CaptureInput(s, "named", named("n"))
		opik.CaptureInput(s, "bytes", []byte("text"))
		opik.CaptureInput(s, "raw", json.RawMessage(`{"a": [1]}`))
		opik.CaptureInput(s, "struct", request{"m", "hidden", "hidden", nil})
		opik.CaptureInput(s, "pointer", &request{Model: "m"})
		opik.CaptureInput(s, "error", errors.New("e"))
		opik.CaptureInput(s, "time", time.Unix(0, 0).UTC())
		opik.CaptureInput(s, "any", any([]any{1, "two"}))
		opik.CaptureInput(s, "key \"quoted\"", "v")
	})
	assert.Equal(t, map[string]any{
		"bool": true, "int": -3.0, "float": 0.5, "named": "n", "bytes": "text", "raw": map[string]any{"a": []any{1.0}},
		"struct":  map[string]any{"model": "m", "secret": "[redacted]"},
		"pointer": map[string]any{"model": "m", "secret": "[redacted]"},
		"error":   "e", "time": "1970-01-01T00:00:00Z", "any": []any{1.0, "two"}, `key "quoted"`: "v",
	}, span.Input)
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }

func TestCaptureOfWhatHasNoJSONCostsOnlyThat(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureInput(s, "before", 1)
		opik.CaptureInput(s, "channel", make(chan int))
		opik.CaptureInput(s, "function", func() {})
		opik.CaptureInput(s, "nan", math.NaN())
		opik.CaptureInput(s, "cycle", cycle)
		opik.CaptureInput(s, "panic", []any{panicking{}, "beside"})
		opik.CaptureInput(s, "raw", json.RawMessage("{"))
		opik.CaptureInput(s, "utf8", "a\xffb")
		opik.CaptureInput(s, "after", 2)
	})
	assert.Equal(t, map[string]any{
		"before": 1.0, "channel": "[chan int]", "function": "[func()]", "nan": "NaN",
		"cycle": map[string]any{"self": "[cycle]"},
		"panic": []any{"[opik_test.panicking: MarshalJSON: panic: in MarshalJSON]", "beside"},
		"raw":   "[not JSON: {]", "utf8": "a\ufffdb", "after": 2.0,
	}, span.Input)
}

func TestCaptureLeavesOutNil(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureInput(s, "pointer", (*int)(nil))
		opik.CaptureInput(s, "map", map[string]int(nil))
		opik.CaptureInput(s, "slice", []int(nil))
		opik.CaptureInput(s, "function", (func())(nil))
		opik.CaptureInput(s, "interface", any(nil))
		opik.CaptureInput(s, "error", error(nil))
		opik.CaptureOutput(s, "output", (*int)(nil))
	})
	assert.Nil(t, span.Input)
	assert.Nil(t, span.Output)
}

func TestZeroOutputsOfAFailedCallAreLeftOut(t *testing.T) {
	capture := func(s *opik.Span) {
		opik.CaptureOutput(s, "text", "")
		opik.CaptureOutput(s, "number", 0)
		opik.CaptureOutput(s, "struct", struct{ A int }{})
		opik.CaptureOutput(s, "partial", "so far")
	}
	failed := recordSpan(t, func(s *opik.Span) {
		s.Returned(assert.AnError)
		capture(s)
	})
	assert.Equal(t, map[string]any{"partial": "so far"}, failed.Output)

	fine := recordSpan(t, func(s *opik.Span) {
		s.Returned(nil)
		capture(s)
	})
	assert.Len(t, fine.Output, 4)
}

func TestCaptureTwiceKeepsTheLast(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureOutput(s, "output", map[string]any{"a": 1})
		opik.CaptureOutput(s, "output", map[string]any{"b": 2})
		opik.CaptureInput(s, "password", "secret")
		s.RedactInput("password")
	})
	assert.Equal(t, map[string]any{"output": map[string]any{"b": 2.0}}, span.Output)
	assert.Equal(t, map[string]any{"password": "[redacted]"}, span.Input)
}

func TestCaptureCutsGiganticValues(t *testing.T) {
	long := strings.Repeat("x", 5000)
	span := recordSpanWith(t, opik.Options{MaxValueBytes: 1000}, func(s *opik.Span) {
		opik.CaptureInput(s, "text", long)
		opik.CaptureInput(s, "list", []string{long})
		opik.CaptureInput(s, "short", "short")
	})
	assert.Equal(t, long[:1000]+" [cut: the first 1000 of 5000 bytes]", span.Input["text"])
	assert.Equal(t, `["`+long[:998]+" [cut after 1000 bytes]", span.Input["list"])
	assert.Equal(t, "short", span.Input["short"])
}

func TestCaptureBoundsTheWholeSpan(t *testing.T) {
	megabyte := strings.Repeat("x", 1<<20)
	span := recordSpanWith(t, opik.Options{MaxValueBytes: 1 << 20}, func(s *opik.Span) {
		for _, key := range []string{"a", "b", "c", "d"} {
			opik.CaptureInput(s, key, megabyte)
			opik.CaptureOutput(s, key, []string{megabyte[:1000]})
		}
		opik.CaptureOutput(s, "text", megabyte)
		opik.CaptureOutput(s, "list", strings.Split(megabyte[:1<<19], ""))
		opik.CaptureMetadata(s, "small", 1)
	})
	const noRoom = "[not recorded: the values of the span are too large together]"
	assert.Equal(t, megabyte, span.Input["a"])
	assert.Equal(t, noRoom, span.Input["c"])
	assert.Equal(t, noRoom, span.Output["text"])
	assert.Equal(t, noRoom, span.Output["list"])
	assert.Equal(t, map[string]any{"small": 1.0}, span.Metadata)
}

// reentrant uses its span while it is captured.
type reentrant struct{ span *opik.Span }

func (r reentrant) MarshalJSON() ([]byte, error) {
	r.span.AddTags("from MarshalJSON")
	opik.CaptureMetadata(r.span, "from", "MarshalJSON")
	return []byte(`"r"`), nil
}

func TestCaptureOfAValueThatUsesTheSpan(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) { opik.CaptureInput(s, "r", reentrant{s}) })
	assert.Equal(t, map[string]any{"r": "r"}, span.Input)
	assert.Equal(t, []string{"from MarshalJSON"}, span.Tags)
	assert.Equal(t, map[string]any{"from": "MarshalJSON"}, span.Metadata)
}

func TestCaptureUsageTakesOnly32BitIntegers(t *testing.T) {
	rec := recorder(t, opik.Options{})
	_, s := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureUsage(s, "int", 1)
	opik.CaptureUsage(s, "int64", int64(math.MaxInt32))
	opik.CaptureUsage(s, "float", 3.0)
	opik.CaptureUsage(s, "uint8", uint8(255))
	opik.CaptureUsage(s, "negative", int16(-1))
	opik.CaptureUsage(s, "int", 2)
	assert.Zero(t, rec.Client.Stats().DroppedUsage)

	opik.CaptureUsage(s, "half", 0.5)
	opik.CaptureUsage(s, "nan", math.NaN())
	opik.CaptureUsage(s, "infinite", math.Inf(1))
	opik.CaptureUsage(s, "large", int64(math.MaxInt32)+1)
	opik.CaptureUsage(s, "small", int64(math.MinInt32)-1)
	opik.CaptureUsage(s, "unsigned", uint64(math.MaxUint64))
	opik.CaptureUsage(s, "huge", 1e300)
	assert.EqualValues(t, 7, rec.Client.Stats().DroppedUsage)
	s.End()
	want := map[string]int{"int": 2, "int64": math.MaxInt32, "float": 3, "uint8": 255, "negative": -1}
	assert.Equal(t, want, rec.Traces()[0].Spans[0].Usage)
}

func TestUsageIsToldInOpiksNames(t *testing.T) {
	cases := map[string]struct{ captured, want map[string]int }{
		"Opik's own": {
			map[string]int{"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
			map[string]int{"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
		},
		"unknown": {map[string]int{"images": 1}, map[string]int{"images": 1}},
		"OpenAI with details": {
			map[string]int{"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12, "prompt_tokens_details.cached_tokens": 8},
			map[string]int{
				"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12,
				"original_usage.prompt_tokens": 10, "original_usage.completion_tokens": 2, "original_usage.total_tokens": 12,
				"original_usage.prompt_tokens_details.cached_tokens": 8,
			},
		},
		"OpenAI responses": {
			map[string]int{"input_tokens": 10, "output_tokens": 2, "total_tokens": 12},
			map[string]int{
				"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12,
				"original_usage.input_tokens": 10, "original_usage.output_tokens": 2, "original_usage.total_tokens": 12,
			},
		},
		"Anthropic": {
			map[string]int{"input_tokens": 10, "output_tokens": 2, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 1000},
			map[string]int{
				"prompt_tokens": 1110, "completion_tokens": 2, "total_tokens": 1112,
				"original_usage.input_tokens": 10, "original_usage.output_tokens": 2,
				"original_usage.cache_read_input_tokens": 100, "original_usage.cache_creation_input_tokens": 1000,
			},
		},
		"Google": {
			map[string]int{"prompt_token_count": 10, "candidates_token_count": 2, "thoughts_token_count": 5, "total_token_count": 17},
			map[string]int{
				"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17,
				"original_usage.prompt_token_count": 10, "original_usage.candidates_token_count": 2,
				"original_usage.thoughts_token_count": 5, "original_usage.total_token_count": 17,
			},
		},
		"Google with thoughts among the candidates": {
			map[string]int{"prompt_token_count": 10, "candidates_token_count": 7, "thoughts_token_count": 5, "total_token_count": 17},
			map[string]int{
				"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17,
				"original_usage.prompt_token_count": 10, "original_usage.candidates_token_count": 7,
				"original_usage.thoughts_token_count": 5, "original_usage.total_token_count": 17,
			},
		},
		"Bedrock": {
			map[string]int{"inputTokens": 10, "outputTokens": 2, "totalTokens": 12, "cacheReadInputTokens": 100},
			map[string]int{
				"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12,
				"original_usage.inputTokens": 10, "original_usage.outputTokens": 2, "original_usage.totalTokens": 12,
				"original_usage.cacheReadInputTokens": 100,
			},
		},
		"told in both": {
			map[string]int{"prompt_tokens": 10, "original_usage.input_tokens": 9},
			map[string]int{"prompt_tokens": 10, "original_usage.input_tokens": 9},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			span := recordSpan(t, func(s *opik.Span) { s.Update(opik.SpanUpdate{Usage: c.captured}) })
			assert.Equal(t, c.want, span.Usage)
		})
	}
}

func TestMaskSeesEverythingBeforeItIsKept(t *testing.T) {
	var fields []string
	mask := func(field string, v []byte) []byte {
		fields = append(fields, field)
		switch field {
		case "input.gone":
			return nil
		case "input.broken":
			return []byte("{")
		case "input.panics":
			panic("mask")
		}
		return []byte(strings.ReplaceAll(string(v), "secret", "***"))
	}
	span := recordSpanWith(t, opik.Options{Mask: mask}, func(s *opik.Span) {
		opik.CaptureInput(s, "text", "a secret")
		opik.CaptureInput(s, "list", []string{"secret"})
		opik.CaptureInput(s, "gone", "secret")
		opik.CaptureInput(s, "broken", "secret")
		opik.CaptureInput(s, "panics", "secret")
		opik.CaptureOutput(s, "output", map[string]string{"secret": "secret"})
		s.Returned(errors.New("no such secret"))
		s.Update(opik.SpanUpdate{Metadata: map[string]any{"k": "secret"}})
	})
	assert.Equal(t, map[string]any{
		"text": "a ***", "list": []any{"***"}, "broken": "[not JSON: {]", "panics": "[the mask panicked]",
	}, span.Input)
	assert.Equal(t, map[string]any{"output": map[string]any{"***": "***"}}, span.Output)
	assert.Equal(t, map[string]any{"k": "***"}, span.Metadata)
	require.NotNil(t, span.Error)
	assert.Equal(t, "no such ***", span.Error.Message)
	assert.Equal(t, "*errors.errorString: no such ***", span.Error.Traceback)
	assert.Equal(t, []string{
		"input.text", "input.list", "input.gone", "input.broken", "input.panics", "output.output",
		"error.message", "error.traceback", "metadata.k",
	}, fields)
}
