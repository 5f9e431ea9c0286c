// Package file is the sink that writes rows to a file, one line of JSON each.
package file

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Sink appends rows to a file. A line is the row as Opik would get it, with a field "kind" before the others, like
// "trace" or "span", and the "id" of the span in an update, which Opik gets in the path.
type Sink struct{ file *os.File }

// Open opens the file, or makes it, readable for its owner only: traces hold what users say.
func Open(path string) (*Sink, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the file for traces cannot be written: %w", err)
	}
	return &Sink{f}, nil
}

// Deliver writes all rows at once, so that the lines of several processes do not mix.
func (s *Sink) Deliver(_ context.Context, rows []record.Row) error {
	var lines bytes.Buffer
	for _, row := range rows {
		fmt.Fprintf(&lines, `{"kind":%q,`, row.Kind)
		if row.Kind.Single() && row.Kind != record.KindAttachment {
			fmt.Fprintf(&lines, `"id":%q,`, uuid.UUID(row.ID))
		}
		lines.Write(row.Body[1:])
		lines.WriteByte('\n')
	}
	if _, err := s.file.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("writing traces: %w", err)
	}
	return nil
}

// Close closes the file.
func (s *Sink) Close() error { return s.file.Close() }
