package store

import (
	"context"
	"strconv"
	"time"
)

// SetClock makes a store's time another one. It is a back door of the tests.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// SetFew makes words common that so many rows hold. It is to be called before anything is searched.
func (s *Store) SetFew(rows int) { s.few = rows }

// Schema is the first version of the database, for the test of the migrations.
var Schema = schema

// LimitPages bounds the database, as the end of the disk does.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	return s.writer.do(ctx, func(t *tx) error { return t.exec("PRAGMA max_page_count = " + strconv.Itoa(pages)) })
}
