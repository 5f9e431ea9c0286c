package opiktest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTracesAreTrees(t *testing.T) {
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{Type: opik.TypeTool, Project: "p", ThreadID: "thread"})
	inner, child := opik.StartSpan(ctx, "child", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureInput(child, "q", []string{"why?"})
	opik.CaptureOutput(child, "output", 1.5)
	opik.CaptureMetadata(child, "k", true)
	opik.CaptureModel(child, "m")
	child.SetProvider("openai")
	opik.CaptureUsage(child, "prompt_tokens", 7)
	child.AddTags("a")
	child.Update(opik.SpanUpdate{TotalCost: new(0.25)})
	_, leaf := opik.StartSpan(inner, "leaf", opik.SpanOptions{})
	leaf.Returned(errors.New("e"))
	leaf.End()
	child.End()
	root.End()
	_, second := opik.StartTrace(rec.Context(), "second", opik.TraceOptions{})
	second.End()

	traces := rec.Traces()
	require.Len(t, traces, 2)
	assert.Equal(t, []string{"root", "second"}, []string{traces[0].Name, traces[1].Name})
	trace := traces[0]
	assert.Equal(t, "p", trace.Project)
	assert.Equal(t, "thread", trace.ThreadID)
	assert.Nil(t, trace.Error)

	got := trace.Find("child")
	require.NotNil(t, got)
	assert.Equal(t, trace.ID, got.TraceID)
	assert.Equal(t, trace.Spans[0].ID, got.ParentID)
	assert.Equal(t, "llm", got.Type)
	assert.Equal(t, map[string]any{"q": []any{"why?"}}, got.Input)
	assert.Equal(t, map[string]any{"output": 1.5}, got.Output)
	assert.Equal(t, map[string]any{"k": true}, got.Metadata)
	assert.Equal(t, "m", got.Model)
	assert.Equal(t, "openai", got.Provider)
	assert.Equal(t, map[string]int{"prompt_tokens": 7}, got.Usage)
	assert.Equal(t, []string{"a"}, got.Tags)
	assert.InDelta(t, 0.25, *got.TotalCost, 0)
	assert.False(t, got.End.Before(got.Start))

	assert.Same(t, got.Find("leaf"), trace.Find("leaf"))
	assert.Equal(t, "e", trace.Find("leaf").Error.Message)
	assert.Nil(t, trace.Find("nothing"))
}

func TestTracesCanBeReadAgainAndAgain(t *testing.T) {
	rec := opiktest.New(t)
	assert.Empty(t, rec.Traces())
	for n := 1; n <= 3; n++ {
		_, span := opik.StartSpan(rec.Context(), strconv.Itoa(n), opik.SpanOptions{})
		span.End()
		assert.Len(t, rec.Traces(), n)
		assert.Len(t, rec.Traces(), n)
	}
}

func TestTheEnvironmentDoesNotMatter(t *testing.T) {
	t.Setenv("OPIK_TRACK_DISABLE", "true")
	t.Setenv("OPIK_PROJECT_NAME", "of the environment")
	t.Setenv("OPIK_WORKSPACE", "of the environment")
	t.Setenv("OPIK_SINK", "console")
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.End()
	assert.Equal(t, "Default Project", rec.Traces()[0].Project)
}

func TestOpenWithOptions(t *testing.T) {
	rec := opiktest.Open(opik.Options{Project: "p", Environment: "test", Sink: "console", URL: "http://example.com"})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.End()
	trace := rec.Traces()[0]
	assert.Equal(t, "p", trace.Project)
	assert.Equal(t, "test", trace.Environment)
	assert.Equal(t, "test", trace.Spans[0].Environment)
	require.NoError(t, rec.Close())
}

func TestSpansOfAnotherProcess(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "handle", opik.SpanOptions{})
	_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
	child.End()
	traces := rec.Traces()
	require.Len(t, traces, 1)
	assert.Equal(t, span.TraceID(), traces[0].ID)
	assert.Empty(t, traces[0].Name)
	assert.Equal(t, "child", traces[0].Spans[0].Name)
	span.End()
}

func TestTheServerRefusesWhatOpikWould(t *testing.T) {
	transport := transportOf(t)
	for name, c := range map[string]struct{ method, path, body string }{
		"no JSON":        {http.MethodPost, "/v1/private/spans/batch", "{"},
		"no span":        {http.MethodPost, "/v1/private/spans/batch", `{"spans":[1]}`},
		"no trace":       {http.MethodPost, "/v1/private/traces/batch", `{"traces":[{"name":1}]}`},
		"another method": {http.MethodPatch, "/v1/private/traces/batch", `{}`},
		"another path":   {http.MethodPost, "/v1/private/projects", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, http.StatusBadRequest, post(t, transport, c.method, c.path, c.body, ""))
		})
	}
	assert.Equal(t, http.StatusBadRequest, post(t, transport, http.MethodPost, "/v1/private/traces/batch", "{}", "gzip"))
	assert.Equal(t, http.StatusNoContent, post(t, transport, http.MethodPost, "/v1/private/traces/batch", `{"traces":[]}`, ""))
}

// transportOf returns the transport of a recorder, as the client sees it.
func transportOf(t *testing.T) http.RoundTripper {
	t.Helper()
	return opiktest.Transport(opiktest.New(t))
}

func post(t *testing.T, transport http.RoundTripper, method, path, body, encoding string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://opik.invalid/api"+path, bytes.NewBufferString(body))
	require.NoError(t, err)
	r.Header.Set("Content-Encoding", encoding)
	response, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	_, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

// answer stands for code under test.
func answer(ctx context.Context, question string) string {
	_, span := opik.StartSpan(ctx, "answer", opik.SpanOptions{})
	defer span.End()
	opik.CaptureInput(span, "question", question)
	reply := strings.ToUpper(question)
	span.Returned()
	opik.CaptureOutput(span, "output", reply)
	return reply
}

// In a test, write rec := opiktest.New(t); it is closed when the test ends.
func ExampleRecorder() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	answer(rec.Context(), "why?")

	trace := rec.Traces()[0]
	fmt.Println(trace.Name, trace.Input["question"], trace.Find("answer").Output["output"])
	// Output: answer why? WHY?
}
