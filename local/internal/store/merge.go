package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opikgen/opikgen/local/internal/price"
)

// MaxTags is how many tags an update may leave on a row.
const MaxTags = 50

// ErrTooManyTags is the refusal of an update that leaves more.
var ErrTooManyTags = fmt.Errorf("Tag limit exceeded: maximum %d tags per item", MaxTags) //nolint:staticcheck // Opik's own words

// Patch is an update. What is nil stays as it is.
type Patch struct {
	ProjectName string
	ProjectID   string
	TraceID     string // with ParentID, what a span's update must repeat
	ParentID    string

	Name, Type, ThreadID, Model, Provider, Source, Environment *string
	End                                                        *Time
	Input, Output, Metadata, Error                             json.RawMessage
	Tags, AddTags, RemoveTags                                  []string
	Usage                                                      map[string]int64
	Cost, TTFT                                                 *float64

	files []cutting // what was cut out of the documents
}

// Put stores a batch as Opik does: of the rows of one id the one with the newest last_updated_at is kept whole, and
// one that carries none counts as newest.
func (s *Store) Put(ctx context.Context, kind Kind, rows []Row) error {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].cut(TimeOf(s.now()))
	}
	return s.writer.do(ctx, func(t *tx) error {
		projects := map[string]string{}
		return forEach(rows, func(row Row) error { return t.put(kind, row, projects, TimeOf(s.now())) })
	})
}

// put stores one row of a batch.
func (t *tx) put(kind Kind, row Row, projects map[string]string, now Time) (err error) {
	if row.ProjectID, err = t.projectOnce(projects, row.ProjectName, now); err != nil {
		return err
	}
	row.stamp(now)
	kept, err := t.version(kind, row)
	if errors.Is(err, ErrNotFound) {
		return t.add(kind, row)
	}
	if err != nil || row.Updated < kept.Updated {
		return err
	}
	row.Created = kept.Created
	return t.replace(kind, kept, row)
}

// stamp fills in what the server decides about a new row.
func (r *Row) stamp(now Time) {
	if r.Created == 0 { // only an import knows better
		r.Created = now
	}
	if r.Updated == 0 {
		r.Updated = now
	}
	r.estimate()
}

// estimate sets the cost, unless the client did.
func (r *Row) estimate() {
	if r.Cost != nil && r.CostVersion == "" {
		return
	}
	r.Cost, r.CostVersion = price.Estimate(r.Provider, r.Model, r.Usage, r.Metadata)
}

// Create stores a single row. One that is there already is completed where it is partial; otherwise a trace conflicts
// and a span is ignored, as in Opik.
func (s *Store) Create(ctx context.Context, kind Kind, row Row) error {
	row.cut(TimeOf(s.now()))
	return s.writer.do(ctx, func(t *tx) (err error) {
		now := TimeOf(s.now())
		if row.ProjectID, err = t.project(row.ProjectName, now); err != nil {
			return err
		}
		row.Updated = 0
		row.stamp(now)
		kept, err := t.newest(kind, row.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			return t.add(kind, row)
		case err != nil:
			return err
		case kept.Partial():
			return t.complete(kind, kept, row)
		case kind == Trace:
			return Conflict("Trace already exists")
		default:
			return nil
		}
	})
}

// complete fills a partial row with what its create says. What updates said stays.
func (t *tx) complete(kind Kind, partial stored, row Row) error {
	if err := sameOwner(kind, partial.Row, row); err != nil {
		return err
	}
	merged := row
	merged.Created = partial.Created
	if err := merged.merge(partial.asPatch()); err != nil {
		return err
	}
	merged.estimate()
	return t.replace(kind, partial, merged)
}

// asPatch is the update that made a partial row.
func (r *Row) asPatch() Patch {
	patch := Patch{
		Name: said(r.Name), ThreadID: said(r.ThreadID), Model: said(r.Model), Provider: said(r.Provider),
		Source: said(r.Source), Environment: said(r.Environment),
		Input: r.Input, Output: r.Output, Metadata: r.Metadata, Error: r.Error, Tags: r.Tags, Usage: r.Usage, TTFT: r.TTFT,
	}
	if r.Type != unknownType {
		patch.Type = said(r.Type)
	}
	if r.End != 0 {
		patch.End = &r.End
	}
	if r.CostVersion == "" {
		patch.Cost = r.Cost
	}
	return patch
}

// said is nil for an empty text.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// unknownType is the type of a span that nobody named.
const unknownType = "unknown"

// Update changes a row. Of an id that is not there it makes a partial row.
func (s *Store) Update(ctx context.Context, kind Kind, id string, patch Patch) error {
	patch.cut(TimeOf(s.now()))
	return s.writer.do(ctx, func(t *tx) error {
		now := TimeOf(s.now())
		projectID, err := t.projectOf(patch, now)
		if err != nil {
			return err
		}
		fresh := Row{ID: id, ProjectID: projectID, TraceID: patch.TraceID, ParentID: patch.ParentID, Updated: now}
		kept, err := t.newest(kind, id)
		if errors.Is(err, ErrNotFound) {
			return t.addPartial(kind, fresh, patch)
		}
		if err != nil {
			return err
		}
		if err := sameOwner(kind, kept.Row, fresh); err != nil {
			return err
		}
		return t.change(kind, kept, patch, now)
	})
}

// addPartial makes the row that waits for its create.
func (t *tx) addPartial(kind Kind, row Row, patch Patch) error {
	if kind == Span {
		row.Type = unknownType
	}
	if err := row.merge(patch); err != nil {
		return err
	}
	row.stamp(row.Updated)
	return t.add(kind, row)
}

// change stores what an update leaves. It loses to a row that a client stamped in the future.
func (t *tx) change(kind Kind, kept stored, patch Patch, now Time) error {
	row := kept.Row
	if row.Updated > now {
		return nil
	}
	if err := row.merge(patch); err != nil {
		return err
	}
	row.Updated = now
	if patch.Cost == nil && (patch.Usage != nil || patch.Model != nil || patch.Provider != nil) {
		row.estimate()
	}
	return t.replace(kind, kept, row)
}

// UpdateAll changes the rows that are there. An id that is not is skipped without a word, as in Opik.
func (s *Store) UpdateAll(ctx context.Context, kind Kind, ids []string, patch Patch, mergeTags bool) error {
	if mergeTags {
		patch.AddTags, patch.Tags = append(patch.AddTags, patch.Tags...), nil
	}
	patch.cut(TimeOf(s.now()))
	return s.writer.do(ctx, func(t *tx) error {
		return forEach(ids, func(id string) error {
			row, err := t.newest(kind, id)
			if errors.Is(err, ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return t.change(kind, row, patch, TimeOf(s.now()))
		})
	})
}

// sameOwner checks that a row stays where it is.
func sameOwner(kind Kind, kept, row Row) error {
	switch {
	case kind == Span && kept.TraceID != row.TraceID:
		return Conflict("trace_id does not match the existing span")
	case kind == Span && kept.ParentID != row.ParentID:
		return Conflict("parent_span_id does not match the existing span")
	case kept.ProjectID != row.ProjectID:
		return Conflict("Project name and workspace name do not match the existing " + string(kind))
	}
	return nil
}

// merge takes over what a patch says. Only tags can be refused.
func (r *Row) merge(p Patch) error {
	r.mergeTexts(p)
	r.files = append(r.files, p.files...)
	for _, field := range []struct {
		kept *json.RawMessage
		said json.RawMessage
	}{{&r.Input, p.Input}, {&r.Output, p.Output}, {&r.Metadata, p.Metadata}, {&r.Error, p.Error}} {
		if field.said != nil {
			*field.kept = field.said
		}
	}
	if p.End != nil {
		r.End = *p.End
	}
	if p.Usage != nil {
		r.Usage = p.Usage
	}
	if p.TTFT != nil {
		r.TTFT = p.TTFT
	}
	if p.Cost != nil {
		r.Cost, r.CostVersion = p.Cost, ""
	}
	return r.mergeTags(p)
}

// mergeTexts takes over texts. A blank one says nothing.
func (r *Row) mergeTexts(p Patch) {
	for _, field := range []struct{ kept, said *string }{
		{&r.Name, p.Name}, {&r.Type, p.Type}, {&r.ThreadID, p.ThreadID}, {&r.Model, p.Model},
		{&r.Provider, p.Provider}, {&r.Source, p.Source}, {&r.Environment, p.Environment},
	} {
		if field.said != nil && *field.said != "" {
			*field.kept = *field.said
		}
	}
}

// mergeTags adds and removes tags, or else replaces them.
func (r *Row) mergeTags(p Patch) error {
	if p.AddTags == nil && p.RemoveTags == nil {
		if p.Tags != nil {
			r.Tags = union(nil, p.Tags)
		}
		return nil
	}
	tags := union(r.Tags, p.AddTags)
	tags = slices.DeleteFunc(tags, func(tag string) bool { return slices.Contains(p.RemoveTags, tag) })
	if len(tags) > MaxTags {
		return ErrTooManyTags
	}
	r.Tags = tags
	return nil
}
