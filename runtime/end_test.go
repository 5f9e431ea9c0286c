package opik_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestEndTwiceSendsOnce(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, _ *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		span.End()
		span.End()
	})
	assert.Len(t, rows, 2) // the trace and the span
}

func TestEndByAnotherGoroutine(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				_, span := opik.StartSpan(ctx, fmt.Sprint("child ", i), opik.SpanOptions{})
				defer span.End()
				opik.CaptureInput(root, strconv.Itoa(i), i)
			})
		}
		group.Wait()
		group.Go(root.End)
		group.Wait()
	})
	assert.Len(t, trace.Spans[0].Spans, 20)
	assert.Len(t, trace.Input, 20)
}

func TestChangeAfterEndSendsTheWholeRowAgain(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		_, span := opik.StartSpan(ctx, "child", opik.SpanOptions{Type: opik.TypeTool})
		opik.CaptureInput(span, "q", "why?")
		span.End()
		require.NoError(t, c.Flush(t.Context()))
		opik.CaptureOutput(span, "output", "because")
		require.NoError(t, c.Flush(t.Context()))
		span.AddTags("late")
		root.End()
	})
	require.Len(t, rows, 5)
	versions := []row{rows[0], rows[1], rows[2]}
	for i, r := range versions {
		assert.Equal(t, "child", r.Name)
		assert.Equal(t, "tool", r.Type)
		assert.JSONEq(t, `{"q":"why?"}`, string(r.Input))
		assert.Equal(t, rows[0].End, r.End, "the end stays when it was")
		if i > 0 {
			assert.True(t, r.Updated.After(versions[i-1].Updated), "last_updated_at grows")
		}
	}
	assert.Empty(t, rows[0].Output)
	assert.JSONEq(t, `{"output":"because"}`, string(rows[2].Output))
	assert.Equal(t, []string{"late"}, rows[2].Tags)
}

func TestARowThatStillWaitsIsReplacedByItsChange(t *testing.T) {
	rows := rowsOf(t, opik.Options{Delivery: opik.Delivery{Interval: time.Hour}}, func(ctx context.Context, _ *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{NoDuplicateRoot: true})
		_, other := opik.StartSpan(ctx, "other", opik.SpanOptions{NoDuplicateRoot: true})
		span.End()
		other.End()
		span.AddTags("a")
		span.AddTags("b")
	})
	require.Len(t, rows, 2)
	assert.Equal(t, []string{"a", "b"}, rows[0].Tags)
}

func TestChangeOfARootSpanAfterEndChangesItsTrace(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		_, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		root.End()
		root.SetName("renamed")
		opik.CaptureOutput(root, "output", "late")
	})
	assert.Equal(t, "renamed", trace.Name)
	assert.Equal(t, map[string]any{"output": "late"}, trace.Output)
	assert.Equal(t, trace.Output, trace.Spans[0].Output)
	assert.False(t, trace.End.IsZero())
}

func TestVersionsGrowHoweverFastChangesCome(t *testing.T) {
	const changes = 2000
	began := time.Now().Truncate(time.Microsecond)
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{NoDuplicateRoot: true})
		span.End()
		require.NoError(t, c.Flush(t.Context()))
		for range changes {
			span.SetProvider("p")
			require.NoError(t, c.Flush(t.Context()))
		}
	})
	require.Len(t, rows, changes+1)
	for i := range changes {
		require.True(t, rows[i+1].Updated.After(rows[i].Updated))
	}
	assert.False(t, rows[0].Updated.Before(began), "it is the time of the change")
	assert.False(t, rows[changes].Updated.After(time.Now()))
}

func TestCloseSendsOpenSpansAsUnfinished(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
	opik.CaptureInput(child, "q", "why?")
	_, trace := opik.StartTrace(rec.Context(), "trace", opik.TraceOptions{})
	_, done := opik.StartSpan(ctx, "done", opik.SpanOptions{})
	done.End()
	require.NoError(t, rec.Close())

	traces := rec.Traces()
	require.Len(t, traces, 2)
	unfinished := map[string]any{"unfinished": true}
	for _, tr := range traces {
		assert.Equal(t, unfinished, tr.Metadata)
		assert.True(t, tr.End.IsZero())
	}
	got := traces[0].Find("child")
	assert.Equal(t, unfinished, got.Metadata)
	assert.Equal(t, map[string]any{"q": "why?"}, got.Input)
	assert.True(t, got.End.IsZero())
	assert.Nil(t, traces[0].Find("done").Metadata)

	child.End() // too late, and harmless
	root.End()
	trace.End()
	_, span := opik.StartSpan(ctx, "after close", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.ErrorContains(t, rec.Client.Close(t.Context()), "4 dropped (closed)")
}

func TestCloseSendsWhatIsOpenBelowAnotherProcess(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, _ *opik.Client) {
		ctx = opik.ExtractMap(ctx, map[string]string{"opik_trace_id": remoteTrace})
		opik.StartSpan(ctx, "open", opik.SpanOptions{})
	})
	require.Len(t, rows, 1)
	assert.Equal(t, "open", rows[0].Name)
	assert.JSONEq(t, `{"unfinished":true}`, string(rows[0].Metadata))
}

func TestTheOldestOfTooManyOpenSpansIsSent(t *testing.T) {
	rec := recorder(t, opik.Options{FlushTimeout: time.Minute}) // Close sends ten thousand
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	for range 10_000 {
		opik.StartSpan(ctx, "forgotten", opik.SpanOptions{})
	}
	trace := rec.Traces()[0]
	assert.Equal(t, map[string]any{"unfinished": true}, trace.Metadata)
	assert.Empty(t, trace.Spans[0].Spans, "the others are young enough")

	root.End()
	trace = rec.Traces()[0]
	assert.Nil(t, trace.Metadata, "what ends after all is not unfinished")
	assert.Nil(t, trace.Spans[0].Metadata)
	assert.False(t, trace.Spans[0].End.IsZero())
}

func TestPanicIsRecordedAndGoesOn(t *testing.T) {
	type reason struct{ code int }
	rec := opiktest.New(t)
	assert.PanicsWithValue(t, reason{7}, func() {
		_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		defer span.End()
		explode(reason{7})
	})
	span := rec.Traces()[0].Spans[0]
	require.NotNil(t, span.Error)
	assert.Equal(t, "panic", span.Error.Type)
	assert.Equal(t, "{7}", span.Error.Message)
	lines := strings.Split(span.Error.Traceback, "\n")
	assert.Contains(t, lines[0], "runtime_test.explode", "the stack begins where the panic was raised")
	assert.Contains(t, lines[1], "end_test.go:")
	assert.Contains(t, span.Error.Traceback, "TestPanicIsRecordedAndGoesOn")
	assert.NotContains(t, span.Error.Traceback, "Span).End")
	assert.Equal(t, span.Error, rec.Traces()[0].Error)
}

//go:noinline
func explode(v any) { panic(v) }

func TestPanicOfTheRuntimeNamesItsType(t *testing.T) {
	rec := opiktest.New(t)
	var m map[string]int
	assert.Panics(t, func() {
		_, span := opik.StartSpan(rec.Context(), "map", opik.SpanOptions{})
		defer span.End()
		m["a"] = 1
	})
	assert.Panics(t, func() {
		_, span := opik.StartSpan(rec.Context(), "nil", opik.SpanOptions{})
		defer span.End()
		var r *row
		_ = r.Kind
	})
	traces := rec.Traces()
	require.Len(t, traces, 2)
	assert.Equal(t, "runtime.plainError", traces[0].Error.Type)
	assert.Equal(t, "assignment to entry in nil map", traces[0].Error.Message)
	assert.Equal(t, "runtime.errorString", traces[1].Error.Type)
	for _, trace := range traces {
		first, _, _ := strings.Cut(trace.Error.Traceback, "\n")
		assert.Contains(t, first, "TestPanicOfTheRuntimeNamesItsType")
	}
}

func TestPanicThroughNestedSpans(t *testing.T) {
	rec := opiktest.New(t)
	boom := errors.New("boom")
	assert.PanicsWithValue(t, boom, func() {
		ctx, outer := opik.StartSpan(rec.Context(), "outer", opik.SpanOptions{})
		defer outer.End()
		_, inner := opik.StartSpan(ctx, "inner", opik.SpanOptions{})
		defer inner.End()
		explode(boom)
	})
	trace := rec.Traces()[0]
	for _, name := range []string{"outer", "inner"} {
		span := trace.Find(name)
		require.NotNil(t, span.Error, name)
		assert.Equal(t, "*errors.errorString", span.Error.Type)
		assert.Equal(t, "boom", span.Error.Message)
		assert.Contains(t, span.Error.Traceback, "runtime_test.explode", name)
	}
}

func TestPanicWhileAnotherGoesOn(t *testing.T) {
	rec := opiktest.New(t)
	assert.PanicsWithValue(t, "second", func() {
		defer func() {
			_, span := opik.StartSpan(rec.Context(), "cleanup", opik.SpanOptions{})
			defer span.End()
			explode("second")
		}()
		panic("first")
	})
	first, _, _ := strings.Cut(rec.Traces()[0].Error.Traceback, "\n")
	assert.Contains(t, first, "runtime_test.explode")
}

func TestPanicOfATrace(t *testing.T) {
	rec := opiktest.New(t)
	assert.PanicsWithValue(t, "boom", func() {
		_, trace := opik.StartTrace(rec.Context(), "t", opik.TraceOptions{})
		defer trace.End()
		panic("boom")
	})
	assert.Equal(t, "boom", rec.Traces()[0].Error.Message)
}

func TestRecoveredPanicIsNotRaisedAgain(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		defer span.End()
		func() {
			defer func() { _ = recover() }()
			panic("handled")
		}()
		span.Returned()
	})
	assert.Nil(t, trace.Error)
}

func TestGoexitIsRecordedAndGoesOn(t *testing.T) {
	rec := opiktest.New(t)
	returned := false
	var group sync.WaitGroup
	group.Go(func() {
		ctx, outer := opik.StartSpan(rec.Context(), "outer", opik.SpanOptions{})
		defer outer.End()
		_, inner := opik.StartSpan(ctx, "inner", opik.SpanOptions{})
		defer inner.End()
		runtime.Goexit()
		returned = true
	})
	group.Wait()
	assert.False(t, returned)
	for _, span := range []*opiktest.Span{rec.Traces()[0].Find("outer"), rec.Traces()[0].Find("inner")} {
		require.NotNil(t, span.Error, span.Name)
		assert.Equal(t, "runtime.Goexit", span.Error.Type)
		assert.Contains(t, span.Error.Traceback, "TestGoexitIsRecordedAndGoesOn")
	}
}

func TestSpanWithoutReturnedIsNoGoexit(t *testing.T) {
	span := recordSpan(t, func(*opik.Span) {})
	assert.Nil(t, span.Error)
}

// TestCrashKeepsItsFrames runs this test as a program that panics below a span, and reads what Go prints.
func TestCrashKeepsItsFrames(t *testing.T) {
	if os.Getenv("OPIK_TEST_CRASH") != "" {
		rec := opiktest.Open(opik.Options{})
		_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		defer span.End()
		explode("the original value")
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashKeepsItsFrames$")
	command.Env = append(os.Environ(), "OPIK_TEST_CRASH=1")
	output, err := command.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), "panic: the original value")
	assert.Contains(t, string(output), "runtime_test.explode")
	assert.Contains(t, string(output), "end_test.go:")
}
