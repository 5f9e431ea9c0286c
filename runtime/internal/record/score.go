package record

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Score is a feedback score as the server reads it. It is about a trace or a span, or else about a thread.
type Score struct {
	ID       string  `json:"id,omitempty"`
	ThreadID string  `json:"thread_id,omitempty"`
	Project  string  `json:"project_name"`
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Category string  `json:"category_name"`
	Reason   string  `json:"reason"`
	Source   string  `json:"source"`
}

// NewScore returns the row of a score of a trace or a span.
func NewScore(kind Kind, id, traceID [16]byte, s Score) Row {
	body := append(appendUUID([]byte(`{"id":"`), id), '"')
	return Row{Kind: kind, ID: ScoreID(id[:], s.Name), TraceID: traceID, Body: s.appendRest(body)}
}

// NewThreadScore returns the row of a score of a thread.
func NewThreadScore(s Score) Row {
	body := value.AppendString([]byte(`{"thread_id":`), s.ThreadID)
	return Row{Kind: KindThreadScore, ID: ScoreID([]byte(s.Project+"\n"+s.ThreadID), s.Name), Body: s.appendRest(body)}
}

// appendRest appends what scores of all kinds have. A score must name the project of what it is about: in another
// one it would not be seen.
func (s Score) appendRest(dst []byte) []byte {
	dst = append(dst, `,"source":"sdk"`...)
	dst = appendText(dst, "project_name", s.Project)
	dst = appendText(dst, "name", s.Name)
	dst = value.AppendFloat(appendKey(dst, "value"), s.Value)
	dst = appendText(dst, "category_name", s.Category)
	dst = appendText(dst, "reason", s.Reason)
	return append(dst, '}')
}

// ScoreID returns an id for what is scored under a name. The server keeps one score for both, the last that came.
func ScoreID(of []byte, name string) (id [16]byte) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%x %s", of, name))
	return [16]byte(sum[:])
}

// DecodeScore reads the row of a score.
func DecodeScore(body []byte) (*Score, error) {
	score := new(Score)
	if err := json.Unmarshal(body, score); err != nil {
		return nil, fmt.Errorf("the row of a score cannot be read: %w", err)
	}
	return score, nil
}
