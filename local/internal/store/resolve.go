package store

import (
	"context"
	"fmt"
)

// minPrefix is how much of an id names it: the clock makes the first characters of many ids the same.
const minPrefix = 8

// Resolve finds the trace or span whose id begins with a text, which may be the whole id.
func (s *Store) Resolve(ctx context.Context, prefix string) (Kind, string, error) {
	if len(prefix) < minPrefix {
		return "", "", fmt.Errorf("%q is too short: give at least %d characters of an id", prefix, minPrefix)
	}
	for _, kind := range []Kind{Trace, Span} {
		var count int
		var id string
		err := s.one(ctx, "SELECT count(DISTINCT id), coalesce(max(id), '') FROM "+kind.table()+" WHERE id >= ?1 AND id < ?1 || 'g'",
			[]any{prefix}, &count, &id)
		if err != nil {
			return "", "", err
		}
		if count == 1 {
			return kind, id, nil
		}
		if count > 1 {
			return "", "", fmt.Errorf("%d %ss begin with %q: give more of the id", count, kind, prefix)
		}
	}
	return "", "", fmt.Errorf("no trace or span begins with %q", prefix)
}
