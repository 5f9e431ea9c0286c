package batch

import "github.com/opikgen/opikgen/runtime/internal/record"

// apart knows which rows must not be in one request.
type apart struct {
	single bool              // none with another
	ids    map[[16]byte]bool // of the rows in the request; nil for kinds whose rows have versions
}

func newApart(kind record.Kind) apart {
	if !kind.Follows() {
		return apart{}
	}
	return apart{single: kind.Single(), ids: map[[16]byte]bool{}}
}

// from reports whether the row must not be in the request of those that were noted.
func (a apart) from(row record.Row) bool { return a.single || a.ids[row.ID] }

// note enters a row of the request.
func (a apart) note(row record.Row) {
	if a.ids != nil {
		a.ids[row.ID] = true
	}
}
