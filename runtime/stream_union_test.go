package opik_test

import (
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// union is an element of which the SDK writes only the members that it knows.
type union struct {
	EventType string
	Text      *string
	Other     any
	secret    string
}

func (u union) MarshalJSON() ([]byte, error) {
	if u.Text == nil {
		return nil, errors.New("no such member")
	}
	return json.Marshal(map[string]string{"event_type": "text", "text": *u.Text})
}

// unions is a stream of them.
type unions struct{ list []union }

func (u *unions) Recv() (union, error) {
	if len(u.list) == 0 {
		return union{}, io.EOF
	}
	first := u.list[0]
	u.list = u.list[1:]
	return first, nil
}

func (u *unions) Close() error { return nil }

// TestReplayOfUnknownMembers sees that the reader gets the name of a member that the SDK cannot write, as without
// tracing, and an error where even that is not possible.
func TestReplayOfUnknownMembers(t *testing.T) {
	text := "Lisbon"
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
	span.Returned()
	s := opik.StreamOf[union, struct{}](ctx, span, nil, nil)
	inner := &unions{[]union{{EventType: "text", Text: &text}, {EventType: "weather-start", secret: "x"}, {EventType: "worse", Other: func() {}}}}
	span.End()
	body := s.Replay(inner).Lines().Body
	defer body.Close()
	lines, err := replayed(t, body, "")
	assert.Equal(t, []string{`{"event_type":"text","text":"Lisbon"}`, `{"event_type":"weather-start"}`}, lines)
	assert.ErrorContains(t, err, "no such member")
}
