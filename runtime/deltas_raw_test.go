package opik_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// rawChunk is a chunk as SDKs have it that keep the JSON that it was decoded from.
type rawChunk struct {
	Choices []map[string]any `json:"choices"`
	raw     string
}

func (c rawChunk) RawJSON() string { return c.raw }

func spoken(word string) rawChunk {
	return rawChunk{raw: `{"choices":[{"index":0,"delta":{"content":"` + word + `"}}],"obfuscation":"x"}`}
}

// TestAddRaw adds chunks that were decoded, and one that was not.
func TestAddRaw(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	var acc opik.Deltas
	opik.AddRaw(&acc, span, spoken("In "))
	opik.AddRaw(&acc, span, spoken("Portu"))
	opik.AddRaw(&acc, span, rawChunk{Choices: []map[string]any{{"index": 0, "delta": map[string]any{"content": "gal."}}}})
	assert.JSONEq(t, `[{"index":0,"message":{"content":"In Portugal."}}]`, string(acc.Member("choices")))
	opik.AddRaw(&acc, nil, spoken("never"))
	assert.NotContains(t, string(acc.JSON()), "never")
	span.End()
}

func TestAddRawIsBounded(t *testing.T) {
	rec := recorder(t, opik.Options{MaxValueBytes: 1000})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	defer span.End()
	var acc opik.Deltas
	for range 1000 {
		opik.AddRaw(&acc, span, spoken("a long word"))
	}
	assert.NotEmpty(t, acc.JSON())
	assert.Less(t, len(acc.JSON()), 2000)
}

// TestAddRawAllocatesNothing for a chunk that differs from the one before it in its text alone.
func TestAddRawAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	client, err := opik.New(opik.Options{
		Isolated: true, URL: "http://localhost/api", HTTPClient: &http.Client{Transport: discard{}}, Delivery: opik.Delivery{NoSpool: true},
	})
	require.NoError(t, err)
	defer func() { _ = client.Close(context.Background()) }()
	_, span := opik.StartSpan(opik.WithClient(t.Context(), client), "s", opik.SpanOptions{})
	defer span.End()
	var acc opik.Deltas
	chunk := spoken("word ")
	for range 100 {
		opik.AddRaw(&acc, span, chunk)
	}
	assert.Zero(t, testing.AllocsPerRun(500, func() { opik.AddRaw(&acc, span, chunk) }))
}
