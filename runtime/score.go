package opik

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/config"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// FeedbackScore says how good something was: what a user thought of an answer, or what a program measured.
//
// Opik keeps one score of a name for a span, trace or thread: logging the name again replaces the value. Scores are
// sent in batches, like spans. A score without a name, or with a value that is not a number below a billion either
// way, is left out and counted in Stats.DroppedScores: Opik would refuse it.
type FeedbackScore struct {
	Name     string
	Value    float64
	Reason   string // Options.Mask sees it as "score.reason"
	Category string // of a score that is one of several choices
}

// LogFeedbackScore scores the span, at any time: until the span is sent, the score waits with it. A span that has no
// row because of SpanOptions.NoDuplicateRoot scores its trace.
//
// It is sent by PUT /v1/private/spans/feedback-scores, at most 1000 scores a request.
func (s *Span) LogFeedbackScore(score FeedbackScore) {
	switch {
	case s == nil:
	case s.traceOnly:
		s.trace.LogFeedbackScore(score)
	default:
		s.logScore(record.KindSpanScore, s.part.TraceID, score)
	}
}

// LogFeedbackScore scores the trace, at any time: until the trace is sent, the score waits with it. The score of a
// trace that another process started is sent at once; it shows if that trace is in the project of this process.
//
// It is sent by PUT /v1/private/traces/feedback-scores, at most 1000 scores a request.
func (t *Trace) LogFeedbackScore(score FeedbackScore) {
	if t != nil {
		t.logScore(record.KindTraceScore, t.entry.ID, score)
	}
}

// LogThreadFeedbackScore scores a conversation: all traces with the thread id in the project of ctx, see
// [WithProject], or the client's. The thread need not be closed, nor have a trace yet. "" scores nothing.
//
// It is sent by PUT /v1/private/traces/threads/feedback-scores, at most 1000 scores a request.
func (c *Client) LogThreadFeedbackScore(ctx context.Context, threadID string, score FeedbackScore) {
	if !c.Active() || threadID == "" || !c.scorable(score) {
		return
	}
	row := c.score(score, c.projectOf(ctx))
	row.ThreadID = threadID
	c.push(ctx, record.NewThreadScore(row))
}

// LogThreadFeedbackScore is the method of the client that ctx names, or of the default client.
func LogThreadFeedbackScore(ctx context.Context, threadID string, score FeedbackScore) {
	clientOf(ctx).LogThreadFeedbackScore(ctx, threadID, score)
}

// logScore sends a score, or keeps it until there is a row for it to follow.
func (r *recording) logScore(kind record.Kind, traceID [16]byte, score FeedbackScore) {
	if !r.client.scorable(score) {
		return
	}
	r.follow(record.NewScore(kind, r.entry.ID, traceID, r.client.score(score, r.entry.Project)))
}

// follow sends a row that says something about the recording, or keeps it until there is a row for it to follow. Of the
// scores of one name the last is kept.
func (r *recording) follow(row record.Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sent() || r.remote {
		r.client.push(r.ctx, row)
		return
	}
	same := func(old record.Row) bool { return old.ID == row.ID && old.Kind == row.Kind }
	if i := slices.IndexFunc(r.following, same); i >= 0 && !row.Kind.Single() {
		r.following[i] = row
		return
	}
	r.following = append(r.following, row)
}

// sent reports whether a row was handed over. The recording is locked.
func (r *recording) sent() bool { return r.entry.Updated != 0 }

// pushFollowing hands over what waited for the row before it. The recording is locked.
func (r *recording) pushFollowing() {
	for _, row := range r.following {
		r.client.push(r.ctx, row)
	}
	r.following = nil
}

// largestScore is below what Opik takes, 999999999.999999999, by less than a float64 can tell.
const largestScore = 1e9

// scorable reports whether Opik would take a score, and counts it if not.
func (c *Client) scorable(score FeedbackScore) bool {
	if strings.TrimSpace(score.Name) != "" && math.Abs(score.Value) < largestScore {
		return true
	}
	c.droppedScores.Add(1)
	return false
}

// score returns what is sent of a score.
func (c *Client) score(score FeedbackScore, project string) record.Score {
	row := record.Score{Project: project, Name: score.Name, Value: score.Value, Category: score.Category}
	if score.Reason != "" {
		row.Reason = c.maskText("score.reason", value.Cut(score.Reason, c.maximum))
	}
	return row
}

// projectOf returns the project of what is recorded without a trace.
func (c *Client) projectOf(ctx context.Context) string { return c.project(below(ctx).project) }

// project returns the first name that is set, or the client's, or Opik's default.
func (c *Client) project(names ...string) string {
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return cmp.Or(c.config.Project, config.DefaultProject)
}

// clientOf returns the client that ctx names, or the default client.
func clientOf(ctx context.Context) *Client {
	if cur := currentIn(ctx); cur != nil && cur.client != nil {
		return cur.client
	}
	return Default()
}
