package console

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// node is a span and the spans below it.
type node struct {
	span     *record.Span
	children []*node
}

// tree returns the spans that are directly below the trace, or whose parent did not come, in the order in which they
// started.
func (t *trace) tree() []*node {
	spans := slices.SortedFunc(maps.Values(t.spans), func(a, b *record.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	nodes := map[string]*node{}
	for _, span := range spans {
		nodes[span.ID] = &node{span: span}
	}
	var roots []*node
	for _, span := range spans {
		if parent, ok := nodes[span.ParentID]; ok {
			parent.children = append(parent.children, nodes[span.ID])
		} else {
			roots = append(roots, nodes[span.ID])
		}
	}
	return roots
}

// start returns when the trace, or the first of its spans, started.
func (t *trace) start() time.Time {
	if t.row != nil {
		return t.row.Start
	}
	var first time.Time
	for span := range maps.Values(t.spans) {
		if first.IsZero() || span.Start.Before(first) {
			first = span.Start
		}
	}
	return first
}

// shown returns the root span of a trace that only shows its root span, or nil. The two are written as one.
func (t *trace) shown(roots []*node) *node {
	if t.row == nil || len(roots) != 1 || roots[0].span.Name != t.row.Name || !roots[0].span.Start.Equal(t.row.Start) {
		return nil
	}
	return roots[0]
}
