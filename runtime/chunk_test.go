package opik_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// TestRowsOfAllSizesStayApart writes rows that share memory, fill it up and have some of their own, and changes them
// after their end, when their values are read from there.
func TestRowsOfAllSizesStayApart(t *testing.T) {
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	want, spans := map[string]string{}, []*opik.Span{}
	for i := range 60 {
		name := string(rune('A' + i))
		want[name] = strings.Repeat(name, i*i*3)
		_, span := opik.StartSpan(ctx, name, opik.SpanOptions{})
		opik.CaptureInput(span, "text", want[name])
		span.End()
		spans = append(spans, span)
	}
	for _, span := range spans {
		opik.CaptureOutput(span, "length", 1)
	}
	root.End()

	traces := rec.Traces()
	require.Len(t, traces, 1)
	for name, text := range want {
		span := traces[0].Find(name)
		require.NotNil(t, span, name)
		assert.Equal(t, map[string]any{"text": text}, span.Input)
		assert.Equal(t, map[string]any{"length": 1.0}, span.Output)
	}
}
