package opik_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// refTo returns the reference to a span that started its trace.
func refTo(s *opik.Span) opik.SpanRef { return opik.SpanRef{ID: s.ID(), TraceID: s.TraceID()} }

// A worker that judges answers later knows the ids of the span, and not the span.
func ExampleClient_UpdateSpan() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	_, span := opik.StartSpan(rec.Context(), "answer", opik.SpanOptions{})
	opik.CaptureOutput(span, "output", "because")
	span.End()

	ref := opik.SpanRef{ID: span.ID(), TraceID: span.TraceID()} // as it came in a message
	err := rec.Client.UpdateSpan(context.Background(), ref, opik.SpanUpdate{Tags: []string{"judged"}})

	got := rec.Traces()[0].Spans[0]
	fmt.Println(got.Name, got.Output["output"], got.Tags, err)
	// Output: answer because [judged] <nil>
}

func TestUpdateSpanSendsWhatWasSaid(t *testing.T) {
	const id, trace, parent = "019f3a5e-0000-7000-8000-000000000001", "019f3a5e-0000-7000-8000-000000000002", "019f3a5e-0000-7000-8000-000000000003"
	rows := rowsOf(t, opik.Options{Project: "p"}, func(ctx context.Context, c *opik.Client) {
		update := opik.SpanUpdate{
			Name: "n", Input: map[string]any{"q": 1}, Output: map[string]any{"a": "b"}, Metadata: map[string]any{"m": true},
			Tags: []string{"x", "x", ""}, Model: "gpt", Provider: "openai", Usage: map[string]int{"prompt_tokens": 3},
			TotalCost: new(0.5), TTFT: time.Second, Error: errors.New("e"),
		}
		require.NoError(t, c.UpdateSpan(ctx, opik.SpanRef{ID: " " + strings.ToUpper(id), TraceID: trace, ParentID: parent}, update))
		require.NoError(t, c.UpdateSpan(opik.WithProject(ctx, "q"), opik.SpanRef{ID: id, TraceID: trace}, opik.SpanUpdate{Name: "n"}))
		require.NoError(t, c.UpdateSpan(ctx, opik.SpanRef{ID: id, TraceID: trace, Project: "r"}, opik.SpanUpdate{Name: "n"}))
		require.NoError(t, c.UpdateSpan(ctx, opik.SpanRef{ID: id, TraceID: trace}, opik.SpanUpdate{}), "nothing to change")
	})
	require.Len(t, rows, 3)
	assert.JSONEq(t, `{"kind":"span_update","id":"`+id+`","trace_id":"`+trace+`","parent_span_id":"`+parent+`","project_name":"p","name":"n",
		"input":{"q":1},"output":{"a":"b"},"metadata":{"m":true},"tags_to_add":["x"],"model":"gpt","provider":"openai",
		"usage":{"prompt_tokens":3},"total_estimated_cost":0.5,"ttft":1000,
		"error_info":{"exception_type":"*errors.errorString","message":"e","traceback":"*errors.errorString: e"}}`, rows[0].Text)
	assert.JSONEq(t, `{"kind":"span_update","id":"`+id+`","trace_id":"`+trace+`","project_name":"q","name":"n"}`, rows[1].Text)
	assert.Equal(t, "r", rows[2].Project)
}

func TestUpdateSpanWantsIDsThatOpikTakes(t *testing.T) {
	rec := recorder(t, opik.Options{})
	const good = "019f3a5e-0000-7000-8000-000000000001"
	for want, ref := range map[string]opik.SpanRef{
		`the span id is ""`:       {TraceID: good},
		`the trace id is "x"`:     {ID: good, TraceID: "x"},
		`the span id is "3f0a7c`:  {ID: "3f0a7c56-51b5-4d0c-9c53-3d0f7b1b2c4d", TraceID: good},
		`the parent span id is "`: {ID: good, TraceID: good, ParentID: "urn:uuid:" + good},
		`" and 936 bytes more`:    {ID: strings.Repeat("x", 1000), TraceID: good},
	} {
		require.ErrorContains(t, rec.Client.UpdateSpan(t.Context(), ref, opik.SpanUpdate{Name: "n"}), want)
	}
	assert.Empty(t, rec.Traces())
	require.NoError(t, (*opik.Client)(nil).UpdateSpan(t.Context(), opik.SpanRef{}, opik.SpanUpdate{Name: "n"}), "tracing is off")
}

func TestUpdateSpanOfAnOpenSpanChangesIt(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		require.NoError(t, c.UpdateSpan(ctx, refTo(span), opik.SpanUpdate{Tags: []string{"a"}}))
		span.End()
	})
	require.Len(t, rows, 2)
	assert.Equal(t, []string{"a"}, rows[1].Tags)
}

func TestAnUpdateThatOpikRefusesIsReported(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.End()
	ref := refTo(span)
	ref.Project = "another"
	require.NoError(t, rec.Client.UpdateSpan(t.Context(), ref, opik.SpanUpdate{Name: "n"}))
	require.ErrorContains(t, rec.Client.Flush(t.Context()), "1 dropped (invalid)")
	assert.Equal(t, "s", rec.Traces()[0].Spans[0].Name)
	require.NoError(t, rec.Close())
}

// flaky is a network that loses requests, loses answers, delays both, and is down for a while.
type flaky struct {
	server *fakeopik.Server

	mu     sync.Mutex
	random *rand.Rand
	down   time.Time // until then nothing gets through
	calm   bool      // all gets through
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	lost, unanswered, delay := f.fate()
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if lost {
		return nil, errors.New("connection refused")
	}
	response, err := f.server.RoundTrip(r)
	if unanswered {
		return nil, errors.New("connection reset")
	}
	return response, err
}

func (f *flaky) fate() (lost, unanswered bool, delay time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calm {
		return false, false, 0
	}
	if f.random.IntN(10) == 0 {
		f.down = time.Now().Add(time.Duration(f.random.Int64N(int64(40 * time.Second))))
	}
	lost = time.Now().Before(f.down) || f.random.IntN(5) == 0
	return lost, f.random.IntN(5) == 0, time.Duration(f.random.Int64N(int64(3 * time.Second)))
}

func (f *flaky) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calm, f.down = true, time.Time{}
}

// TestNoOrderOfUpdatesLosesData records spans on several goroutines, updates them by their ids before and after the
// end, and scores them, over a network that fails, with a spool and without. The server keeps partial rows for ids it
// does not know, so an update that arrived before its span would cost the span.
func TestNoOrderOfUpdatesLosesData(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { updateAtRandom(t, seed) })
		})
	}
}

func updateAtRandom(t *testing.T, seed uint64) {
	network := &flaky{server: &fakeopik.Server{}, random: rand.New(rand.NewPCG(seed, 0))}
	client, err := opik.New(opik.Options{
		URL: "http://opik.invalid", Isolated: true, HTTPClient: &http.Client{Transport: network}, SendOnStart: seed%3 == 0,
		Delivery: opik.Delivery{BatchRows: 16, NoSpool: seed%2 == 0, SpoolDir: t.TempDir(), Uncompressed: true},
	})
	require.NoError(t, err)
	var group sync.WaitGroup
	want := make([]map[string]float64, 4)
	for n := range want {
		want[n] = map[string]float64{}
		random := rand.New(rand.NewPCG(seed, uint64(n+1)))
		group.Go(func() { recordAndUpdate(t, client, random, want[n]) })
	}
	group.Wait()
	t.Log(client.Stats().Spooled, "rows were in the spool")
	network.mend()
	require.NoError(t, client.Flush(t.Context()))
	require.NoError(t, client.Close(t.Context()))
	for _, spans := range want {
		for id, last := range spans {
			assertComplete(t, network.server, id, last)
		}
	}
}

// recordAndUpdate enters the last value that each span was updated with and scored.
func recordAndUpdate(t *testing.T, client *opik.Client, random *rand.Rand, want map[string]float64) {
	var spans []*opik.Span
	for i := range 60 {
		if len(spans) == 0 || random.IntN(4) == 0 {
			_, span := client.StartSpan(t.Context(), "s", opik.SpanOptions{})
			opik.CaptureInput(span, "q", "why?")
			opik.CaptureMetadata(span, "i", -1)
			span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: -1})
			spans, want[span.ID()] = append(spans, span), -1
		}
		span := spans[random.IntN(len(spans))]
		span.End()
		if err := client.UpdateSpan(t.Context(), refTo(span), opik.SpanUpdate{Metadata: map[string]any{"i": i}}); err != nil {
			t.Error(err)
		}
		span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: float64(i)})
		want[span.ID()] = float64(i)
		<-time.After(time.Duration(random.Int64N(int64(800 * time.Millisecond))))
	}
	for _, span := range spans {
		span.End()
	}
}

// assertComplete checks that a span has what its row, its last update and its last score said.
func assertComplete(t *testing.T, server *fakeopik.Server, id string, last float64) {
	t.Helper()
	var row struct {
		Name     string             `json:"name"`
		Start    time.Time          `json:"start_time"`
		End      time.Time          `json:"end_time"`
		Input    map[string]string  `json:"input"`
		Metadata map[string]float64 `json:"metadata"`
	}
	require.NoError(t, json.Unmarshal(server.Spans()[id].JSON, &row))
	assert.Equal(t, "s", row.Name)
	assert.NotEqual(t, 1970, row.Start.Year())
	assert.False(t, row.End.IsZero())
	assert.Equal(t, map[string]string{"q": "why?"}, row.Input)
	assert.Equal(t, map[string]float64{"i": last}, row.Metadata)
	score := server.Scores()[fakeopik.Scored{Of: "spans", ID: id, Project: "Default Project", Name: "n"}]
	assert.Contains(t, string(score), fmt.Sprintf(`"value":%v}`, last))
}
