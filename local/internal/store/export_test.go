package store

import "time"

// SetClock makes a store's time another one. It is a back door of the tests.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Schema is the first version of the database, for the test of the migrations.
var Schema = schema
