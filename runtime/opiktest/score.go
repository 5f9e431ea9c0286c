package opiktest

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A subject is what scores are about. Those in another project than it is in are not seen.
type subject struct{ id, project string }

// scored reports whether scores are sent to a path.
func scored(path string) bool {
	return slices.Contains([]string{"traces/feedback-scores", "spans/feedback-scores", "traces/threads/feedback-scores"}, path)
}

// takeScores keeps scores, one of each name. s.mu is held.
func (s *server) takeScores(rows []json.RawMessage) error {
	for _, row := range rows {
		score, err := record.DecodeScore(row)
		if err != nil {
			return err
		}
		of := subject{cmp.Or(score.ID, score.ThreadID), score.Project}
		same := func(old *record.Score) bool { return old.Name == score.Name }
		if i := slices.IndexFunc(s.scoreBy[of], same); i >= 0 {
			s.scoreBy[of][i] = score
		} else {
			s.scoreBy[of] = append(s.scoreBy[of], score)
		}
	}
	return nil
}

// scoresOf returns what is seen of the scores of a trace, span or thread. s.mu is held.
func (s *server) scoresOf(id, project string) []opik.FeedbackScore {
	var scores []opik.FeedbackScore
	for _, row := range s.scoreBy[subject{id, project}] {
		scores = append(scores, opik.FeedbackScore{Name: row.Name, Value: row.Value, Reason: row.Reason, Category: row.Category})
	}
	return scores
}

// takeUpdate changes a span, or makes a row that has nothing but the update. s.mu is held.
func (s *server) takeUpdate(id string, body []byte) error {
	update, err := record.DecodeSpan(body)
	if err != nil {
		return err
	}
	span := s.spanBy[id]
	switch {
	case update.TraceID == "":
		return errors.New("the update names no trace")
	case span == nil:
		span = &record.Span{}
	case update.TraceID != span.TraceID || update.ParentID != span.ParentID || update.Project != span.Project:
		return errors.New("the trace, parent or project is not that of the span")
	}
	if err := span.Change(id, body); err != nil {
		return err
	}
	span.Updated = time.Now()
	s.spanBy[id] = span
	return nil
}
