package console

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// scores are the feedback scores of a trace or a span, by name.
type scores map[string]float64

// takeScore enters a score under what it is about, the trace itself or one of its spans.
func (s *Sink) takeScore(row record.Row) error {
	score, err := record.DecodeScore(row.Body)
	if err != nil {
		return err
	}
	if row.Kind == record.KindThreadScore {
		s.asides = append(s.asides, "● thread "+clean(score.ThreadID)+"  "+s.style.paint(s.style.usage, scoreText(score.Name, score.Value)))
		return nil
	}
	t := s.trace(uuid.UUID(row.TraceID).String())
	if t.scores == nil {
		t.scores = map[string]scores{}
	}
	if t.scores[score.ID] == nil {
		t.scores[score.ID] = scores{}
	}
	t.scores[score.ID][score.Name] = score.Value
	return nil
}

// takeUpdate enters what an update changes. The rest of a span that came before, or belongs to another process, is
// not known.
func (s *Sink) takeUpdate(row record.Row) error {
	t := s.trace(uuid.UUID(row.TraceID).String())
	id := uuid.UUID(row.ID).String()
	if t.spans[id] == nil {
		t.spans[id] = &record.Span{}
	}
	return t.spans[id].Change(id, row.Body)
}

// facts returns scores as they stand on a line.
func (s scores) facts() []string {
	var facts []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		facts = append(facts, scoreText(name, s[name]))
	}
	return facts
}

func scoreText(name string, value float64) string { return fmt.Sprintf("%s=%.4g", clean(name), value) }

// ownScores returns the scores that stand on the first line: those of the trace, of the root span that it shows, and
// of spans whose line was written before.
func (t *trace) ownScores() []string {
	shown := t.shown(t.tree())
	var facts []string
	for _, id := range slices.Sorted(maps.Keys(t.scores)) {
		if t.spans[id] == nil || shown != nil && shown.span.ID == id {
			facts = append(facts, t.scores[id].facts()...)
		}
	}
	return facts
}
