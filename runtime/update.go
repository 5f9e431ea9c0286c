package opik

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// SpanUpdate is what [Span.Update] changes. What is zero stays as it is.
//
// Input, Output and Metadata are merged with what was captured: a new value replaces the old one under its key,
// and where both are objects they are merged the same way, ten levels deep.
type SpanUpdate struct {
	Name      string
	Input     map[string]any
	Output    map[string]any
	Metadata  map[string]any
	Tags      []string // are added
	Model     string
	Provider  string
	Usage     map[string]int
	TotalCost *float64      // in US dollars, in place of what Opik estimates
	TTFT      time.Duration // from the start to the first token
	Prompts   []Prompt      // are linked, in the metadata
	Error     error
}

// TraceUpdate is what [Trace.Update] changes. What is zero stays as it is. Values are merged as in a [SpanUpdate].
type TraceUpdate struct {
	Name     string
	Input    map[string]any
	Output   map[string]any
	Metadata map[string]any
	Tags     []string // are added
	ThreadID string
	Prompts  []Prompt // are linked, in the metadata
	Error    error
}

// UpdateCurrentSpan is [Span.Update] of the span that ctx is in.
func UpdateCurrentSpan(ctx context.Context, u SpanUpdate) { CurrentSpan(ctx).Update(u) }

// UpdateCurrentTrace is [Trace.Update] of the trace that ctx is in.
func UpdateCurrentTrace(ctx context.Context, u TraceUpdate) { CurrentTrace(ctx).Update(u) }

// Update changes the span. After the end, the whole span is sent again and replaces what was sent.
func (s *Span) Update(u SpanUpdate) {
	if s == nil {
		return
	}
	changes := s.merges(u.Input, u.Output, u.Metadata)
	prompts := s.encodePrompts(u.Prompts)
	failure := s.client.describeAll([]error{u.Error})
	s.change(func() {
		s.merge(changes)
		s.linkPrompts(prompts)
		s.setHead(u.Name, u.Tags, failure)
		s.setModelled(u)
	})
}

// setModelled changes what only spans have. The span is locked.
func (s *Span) setModelled(u SpanUpdate) {
	if u.Model != "" {
		s.part.Model = u.Model
	}
	if u.Provider != "" {
		s.part.Provider = u.Provider
	}
	if u.TotalCost != nil {
		s.client.setCost(&s.part, *u.TotalCost)
	}
	if u.TTFT > 0 {
		s.entry.TTFT = u.TTFT
	}
	for _, key := range slices.Sorted(maps.Keys(u.Usage)) {
		if n, ok := countOf(u.Usage[key]); ok {
			s.setUsage(key, n)
		} else {
			s.client.droppedUsage.Add(1)
		}
	}
}

// Update changes the trace. After the end, the whole trace is sent again and replaces what was sent. For a trace that
// shows its root span, what is set here comes before what the span says.
func (t *Trace) Update(u TraceUpdate) {
	if t == nil {
		return
	}
	changes := t.merges(u.Input, u.Output, u.Metadata)
	prompts := t.encodePrompts(u.Prompts)
	failure := t.client.describeAll([]error{u.Error})
	t.change(func() {
		t.merge(changes)
		t.linkPrompts(prompts)
		t.setHead(u.Name, u.Tags, failure)
		if u.ThreadID != "" {
			t.threadID = u.ThreadID
		}
	})
}

// setHead changes what traces and spans have. The recording is locked.
func (r *recording) setHead(name string, tags []string, failure *record.ErrorInfo) {
	if name != "" {
		r.entry.Name = name
	}
	r.addTags(tags)
	if failure != nil {
		r.entry.Error = failure
	}
}

// captured is a value on its way into a recording.
type captured struct {
	section record.Section
	key     string
	text    []byte
}

// merges encodes the values of an update, before the recording is locked.
func (r *recording) merges(input, output, metadata map[string]any) []captured {
	var all []captured
	for section, values := range [...]map[string]any{record.Input: input, record.Output: output, record.Metadata: metadata} {
		all = r.appendCaptured(all, record.Section(section), values)
	}
	return all
}

// appendCaptured encodes the values of one section, in the order of their keys.
func (r *recording) appendCaptured(all []captured, section record.Section, values map[string]any) []captured {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if text := r.encode(new(buffer), section, key, values[key]); text != nil {
			all = append(all, captured{section, key, text})
		}
	}
	return all
}

// merge enters the values of an update. The recording is locked.
func (r *recording) merge(changes []captured) {
	for _, c := range changes {
		r.fields().Merge(c.section, c.key, r.fitting(c.text))
	}
}
