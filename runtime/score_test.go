package opik_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// A score says what a user or a program thought of an answer, also long after the span has ended.
func ExampleSpan_LogFeedbackScore() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	_, span := opik.StartSpan(rec.Context(), "answer", opik.SpanOptions{})
	span.LogFeedbackScore(opik.FeedbackScore{Name: "relevance", Value: 0.4})
	span.End()
	span.LogFeedbackScore(opik.FeedbackScore{Name: "relevance", Value: 0.9, Reason: "read it again"})

	fmt.Println(rec.Traces()[0].Spans[0].Scores)
	// Output: [{relevance 0.9 read it again }]
}

// A conversation is scored by its thread id.
func ExampleLogThreadFeedbackScore() {
	rec := opiktest.Open(opik.Options{Project: "support"})
	defer func() { _ = rec.Close() }()

	opik.LogThreadFeedbackScore(rec.Context(), "support-7", opik.FeedbackScore{Name: "solved", Value: 1, Category: "yes"})

	fmt.Println(rec.ThreadScores("support-7", ""))
	// Output: [{solved 1  yes}]
}

func TestScoresBelongToWhatTheyWereLoggedOn(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{Project: "elsewhere"})
		_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
		opik.CurrentTrace(ctx).LogFeedbackScore(opik.FeedbackScore{Name: "quality", Value: 1})
		child.LogFeedbackScore(opik.FeedbackScore{Name: "b", Value: -2})
		child.LogFeedbackScore(opik.FeedbackScore{Name: "a", Value: 3, Category: "c"})
		child.End()
		root.End()
		opik.CurrentTrace(ctx).LogFeedbackScore(opik.FeedbackScore{Name: "quality", Value: 2})
	})
	assert.Equal(t, []opik.FeedbackScore{{Name: "quality", Value: 2}}, trace.Scores)
	assert.Empty(t, trace.Spans[0].Scores)
	assert.Equal(t, []opik.FeedbackScore{{Name: "b", Value: -2}, {Name: "a", Value: 3, Category: "c"}}, trace.Find("child").Scores)
}

func TestASpanWithoutARowScoresItsTrace(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{NoDuplicateRoot: true})
		span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: 1})
		span.End()
	})
	assert.Len(t, trace.Scores, 1)
}

// TestScoresFollowTheirRow looks at the order in which rows are handed over.
func TestScoresFollowTheirRow(t *testing.T) {
	score := func(value float64) opik.FeedbackScore { return opik.FeedbackScore{Name: "n", Value: value} }
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, _ *opik.Client) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		opik.CurrentTrace(ctx).LogFeedbackScore(score(1))
		root.LogFeedbackScore(score(2))
		root.LogFeedbackScore(score(3))
		root.End()
		root.LogFeedbackScore(score(4))
	})
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, r.Kind)
	}
	assert.Equal(t, []string{"trace", "trace_score", "span", "span_score", "span_score"}, kinds)
	assert.Contains(t, rows[1].Text, `"id":"`+rows[0].ID+`","source":"sdk","project_name":"Default Project","name":"n","value":1}`)
	assert.Contains(t, rows[3].Text, `"value":3}`, "of those that waited the last counts")
}

func TestScoresOfWhatIsNotEndedAreSentByClose(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: 1})
	require.NoError(t, rec.Close())
	assert.Len(t, rec.Traces()[0].Spans[0].Scores, 1)
}

func TestScoresThatOpikWouldRefuseAreCounted(t *testing.T) {
	rec := recorder(t, opik.Options{})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	bad := []opik.FeedbackScore{
		{Value: 1}, {Name: " \t", Value: 1}, {Name: "n", Value: math.NaN()}, {Name: "n", Value: math.Inf(-1)},
		{Name: "n", Value: 1e9}, {Name: "n", Value: -1e9},
	}
	for _, score := range bad {
		span.LogFeedbackScore(score)
		opik.LogThreadFeedbackScore(rec.Context(), "thread", score)
	}
	opik.LogThreadFeedbackScore(rec.Context(), "", opik.FeedbackScore{Name: "n"})
	span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: 999999999.9999999})
	span.End()
	assert.Len(t, rec.Traces()[0].Spans[0].Scores, 1)
	assert.Empty(t, rec.ThreadScores("thread", ""))
	assert.EqualValues(t, 2*len(bad), rec.Client.Stats().DroppedScores)
}

func TestThreadScoresAreInTheProjectOfTheContext(t *testing.T) {
	rec := recorder(t, opik.Options{Project: "p"})
	opik.LogThreadFeedbackScore(opik.WithProject(rec.Context(), "q"), "t", opik.FeedbackScore{Name: "n", Value: 1})
	rec.Client.LogThreadFeedbackScore(t.Context(), "t", opik.FeedbackScore{Name: "n", Value: 2})
	assert.InDelta(t, 1, rec.ThreadScores("t", "q")[0].Value, 0)
	assert.InDelta(t, 2, rec.ThreadScores("t", "")[0].Value, 0)
}

func TestTheMaskSeesTheReasonOfAScore(t *testing.T) {
	span := recordSpanWith(t, opik.Options{Mask: func(field string, _ []byte) []byte { return []byte(`"` + field + `"`) }}, func(s *opik.Span) {
		s.LogFeedbackScore(opik.FeedbackScore{Name: "n", Reason: "secret"})
	})
	assert.Equal(t, "score.reason", span.Scores[0].Reason)
}

// TestTheLastScoreOfANameWins logs so much that many batches are under way.
func TestTheLastScoreOfANameWins(t *testing.T) {
	rec := recorder(t, opik.Options{Delivery: opik.Delivery{BatchRows: 3, Interval: time.Millisecond}})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.End()
	for i := range 500 {
		span.LogFeedbackScore(opik.FeedbackScore{Name: fmt.Sprint("n", i%2), Value: float64(i)})
	}
	assert.Equal(t, []opik.FeedbackScore{{Name: "n0", Value: 498}, {Name: "n1", Value: 499}}, rec.Traces()[0].Spans[0].Scores)
}

func TestNothingIsScoredWhereNothingIsRecorded(t *testing.T) {
	var span *opik.Span
	var trace *opik.Trace
	var client *opik.Client
	score := opik.FeedbackScore{Name: "n", Value: 1}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		span.LogFeedbackScore(score)
		trace.LogFeedbackScore(score)
		client.LogThreadFeedbackScore(t.Context(), "t", score)
	}))
}
