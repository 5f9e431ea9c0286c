package opiktest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestScoresOfTracesSpansAndThreads(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{Project: "p"})
	opik.CurrentTrace(ctx).LogFeedbackScore(opik.FeedbackScore{Name: "a", Value: 1, Reason: "r", Category: "c"})
	for _, value := range []float64{1, 2} {
		span.LogFeedbackScore(opik.FeedbackScore{Name: "b", Value: value})
	}
	span.End()
	opik.LogThreadFeedbackScore(ctx, "thread", opik.FeedbackScore{Name: "c", Value: 3})

	trace := rec.Traces()[0]
	assert.Equal(t, []opik.FeedbackScore{{Name: "a", Value: 1, Reason: "r", Category: "c"}}, trace.Scores)
	assert.Equal(t, []opik.FeedbackScore{{Name: "b", Value: 2}}, trace.Spans[0].Scores)
	assert.Equal(t, []opik.FeedbackScore{{Name: "c", Value: 3}}, rec.ThreadScores("thread", ""))
	assert.Empty(t, rec.ThreadScores("thread", "p"))
}

func TestAScoreInAnotherProjectIsNotSeen(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.End()
	body := `{"scores":[{"id":"` + span.ID() + `","name":"n","value":1,"project_name":"elsewhere"}]}`
	require.Equal(t, http.StatusNoContent, post(t, opiktest.Transport(rec), http.MethodPut, "/v1/private/spans/feedback-scores", body, ""))
	assert.Empty(t, rec.Traces()[0].Spans[0].Scores)
}

func TestUpdatesOfSpans(t *testing.T) {
	const id, trace = "019f3a5e-0000-7000-8000-000000000001", "019f3a5e-0000-7000-8000-000000000002"
	rec := opiktest.New(t)
	ref := opik.SpanRef{ID: id, TraceID: trace}
	require.NoError(t, rec.Client.UpdateSpan(t.Context(), ref, opik.SpanUpdate{Name: "a", Tags: []string{"x"}}))
	require.NoError(t, rec.Client.UpdateSpan(t.Context(), ref, opik.SpanUpdate{Model: "m", Tags: []string{"y"}}))
	got := rec.Traces()[0].Spans[0]
	assert.Equal(t, id, got.ID)
	assert.Equal(t, "a", got.Name)
	assert.Equal(t, "m", got.Model)
	assert.Equal(t, []string{"x", "y"}, got.Tags)

	transport := opiktest.Transport(rec)
	for path, body := range map[string]string{"x": `{}`, id: `{"trace_id":"` + id + `"}`, trace: `[]`} {
		assert.Equal(t, http.StatusBadRequest, post(t, transport, http.MethodPatch, "/v1/private/spans/"+path, body, ""))
	}
	assert.Equal(t, http.StatusBadRequest, post(t, transport, http.MethodPut, "/v1/private/spans/feedback-scores", `{"scores":[1]}`, ""))
	assert.Equal(t, http.StatusBadRequest, post(t, transport, http.MethodPut, "/v1/private/scores", `{"scores":[]}`, ""))
}
