package opik

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// SpanRef names a span that another process has sent to Opik. Trace, parent and project must be those that the span
// has: Opik compares them, and refuses an update that says otherwise.
type SpanRef struct {
	ID       string // a UUIDv7, as are the two below
	TraceID  string
	ParentID string // "" for a span directly below its trace
	Project  string // "" is the project of the context, see WithProject, then the client's
}

// UpdateSpan changes a span of another process. A span of this process that is still open is changed as by
// [Span.Update]; one that has ended should be, too, for its next row replaces what an UpdateSpan wrote.
//
// The update is one request, PATCH /v1/private/spans/{id}, sent with the batches and tried again like them. It waits
// until everything that this client recorded before it has arrived: an update that reached Opik before the row of its
// span would be kept in place of the row. For the same reason Opik is asked first, by GET /v1/private/spans/{id}, whether
// it has the span, again and again for ten seconds if it does not. Then the update is sent all the same and counted in
// Stats.BlindUpdates. Input, output and metadata replace those of the span and are not merged with them, tags are added, at
// most 50 of at most 100 characters, and what is zero stays as it is.
//
// UpdateSpan waits for nothing itself but, with Delivery.Block, for room in the queue until ctx ends. It fails only
// if an id is no UUIDv7. An update that Opik refuses is dropped as Invalid, which Flush reports.
func (c *Client) UpdateSpan(ctx context.Context, ref SpanRef, u SpanUpdate) error {
	if !c.Active() {
		return nil
	}
	part, id, err := ref.parse()
	if err != nil {
		return fmt.Errorf("opik: updating a span: %w", err)
	}
	if s := c.open.span(id); s != nil {
		s.Update(u)
		return nil
	}
	if reflect.ValueOf(u).IsZero() {
		return nil // Opik would make a row of it
	}
	c.push(ctx, c.spanUpdate(ctx, id, part, ref.Project, u))
	return nil
}

// parse reads the ids of a reference.
func (ref SpanRef) parse() (part record.SpanPart, id [16]byte, err error) {
	if id, err = parseID("span id", ref.ID); err != nil {
		return part, id, err
	}
	if part.TraceID, err = parseID("trace id", ref.TraceID); err != nil || ref.ParentID == "" {
		return part, id, err
	}
	part.ParentID, err = parseID("parent span id", ref.ParentID)
	return part, id, err
}

// parseID reads an id that Opik takes. The nil UUID has another version.
func parseID(name, text string) ([16]byte, error) {
	const length = len("00000000-0000-7000-8000-000000000000") // uuid.Parse takes other forms, too
	trimmed := strings.TrimSpace(text)
	id, err := uuid.Parse(trimmed)
	if err != nil || len(trimmed) != length || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return [16]byte{}, fmt.Errorf("the %s is %s, expected a version 7 UUID", name, quoted(text))
	}
	return id, nil
}

// quoted returns a text that anybody may have written as it can stand in an error or a log.
func quoted(text string) string {
	const most = 64
	if len(text) > most {
		return fmt.Sprintf("%q and %d bytes more", text[:most], len(text)-most)
	}
	return fmt.Sprintf("%q", text)
}

// spanUpdate returns the row of an update. The values take the way that those of a span take, which is never sent.
func (c *Client) spanUpdate(ctx context.Context, id [16]byte, part record.SpanPart, project string, u SpanUpdate) record.Row {
	s := new(Span)
	s.keep(new(spanState))
	s.part = part
	s.entry.Start = time.Now()
	s.begin(ctx, c, s)
	s.entry.ID = id
	s.entry.Project = c.project(project, below(ctx).project)
	s.Update(u)
	s.part.Usage = normalized(s.usage, s.original)
	row := record.NewSpanUpdate(&s.entry, &s.part)
	if s.lent != nil {
		s.lent.release()
	}
	return row
}

// span returns the span with the id, or nil if none is open.
func (l *openList) span(id [16]byte) *Span {
	l.mu.Lock()
	defer l.mu.Unlock()
	for r := l.first; r != nil; r = r.link.next {
		if s, ok := r.rows.(*Span); ok && s.entry.ID == id {
			return s
		}
	}
	return nil
}
