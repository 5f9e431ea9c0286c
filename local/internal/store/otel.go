package store

import (
	"context"
	"errors"
)

// TraceIDs returns which trace each OpenTelemetry trace id is. One that is new becomes what propose says, for good.
func (s *Store) TraceIDs(ctx context.Context, propose map[string]string) (map[string]string, error) {
	known := make(map[string]string, len(propose))
	return known, s.writer.do(ctx, func(t *tx) error {
		for otel, proposed := range propose {
			var id string
			err := t.one("SELECT trace_id FROM otel WHERE otel_id = ?", []any{otel}, &id)
			if errors.Is(err, ErrNotFound) {
				id, err = proposed, t.exec("INSERT INTO otel VALUES (?, ?)", otel, proposed)
			}
			if err != nil {
				return err
			}
			known[otel] = id
		}
		return nil
	})
}
