package opik_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
)

func TestPromptsAreLinkedOnce(t *testing.T) {
	greeting := opik.Prompt{
		Name: "greeting", ID: "p1", Structure: "text", VersionID: "v1", Commit: "c1", Template: "Hello {{name}}",
	}
	later := greeting
	later.VersionID, later.Commit = "v2", "c2"
	loose := opik.Prompt{Name: "loose", Template: []any{map[string]any{"role": "user"}}}
	span := recordSpan(t, func(s *opik.Span) {
		s.Update(opik.SpanUpdate{Prompts: []opik.Prompt{greeting, greeting}, Metadata: map[string]any{"k": 1}})
		s.Update(opik.SpanUpdate{Prompts: []opik.Prompt{later, greeting, loose}})
		s.Update(opik.SpanUpdate{Prompts: []opik.Prompt{loose}})
	})
	version := func(id, commit string) map[string]any {
		return map[string]any{"id": id, "commit": commit, "template": "Hello {{name}}"}
	}
	assert.Equal(t, map[string]any{"k": 1.0, "opik_prompts": []any{
		map[string]any{"name": "greeting", "id": "p1", "template_structure": "text", "version": version("v1", "c1")},
		map[string]any{"name": "greeting", "id": "p1", "template_structure": "text", "version": version("v2", "c2")},
		map[string]any{"name": "loose", "version": map[string]any{"template": []any{map[string]any{"role": "user"}}}},
	}}, span.Metadata)
}

func TestPromptsOfATraceAfterItsEnd(t *testing.T) {
	rec := recorder(t, opik.Options{})
	_, trace := opik.StartTrace(rec.Context(), "t", opik.TraceOptions{})
	trace.End()
	trace.Update(opik.TraceUpdate{Prompts: []opik.Prompt{{Name: "p"}}})
	assert.Len(t, rec.Traces()[0].Metadata["opik_prompts"], 1)
}

func TestPromptsSurviveAMask(t *testing.T) {
	mask := func(string, []byte) []byte { return []byte(`"hidden"`) }
	span := recordSpanWith(t, opik.Options{Mask: mask}, func(s *opik.Span) {
		s.Update(opik.SpanUpdate{Prompts: []opik.Prompt{{Name: "a", ID: "1"}, {Name: "b", ID: "2"}}})
	})
	assert.Equal(t, map[string]any{"opik_prompts": []any{"hidden"}}, span.Metadata)
}
