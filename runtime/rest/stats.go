package rest

import (
	"encoding/json"
	"fmt"
)

// Stats are the statistics of a query.
type Stats []Stat

// A Stat is one number about everything that a query means, like span_count, duration or usage.total_tokens.
type Stat struct {
	Name        string
	Type        string       // COUNT, AVG or PERCENTAGE
	Value       float64      // of a COUNT or an AVG
	Percentiles *Percentiles // of a PERCENTAGE
}

// Percentiles are the values that 50, 90 and 99 percent stay below.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// Get returns the statistic with that name.
func (s Stats) Get(name string) (Stat, bool) {
	for _, stat := range s {
		if stat.Name == name {
			return stat, true
		}
	}
	return Stat{}, false
}

// UnmarshalJSON reads a statistic as Opik writes it: the type decides what its value is.
func (s *Stat) UnmarshalJSON(text []byte) error {
	var found struct {
		Name  string          `json:"name"`
		Type  string          `json:"type"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return err
	}
	*s = Stat{Name: found.Name, Type: found.Type}
	var err error
	switch {
	case len(found.Value) == 0:
	case found.Type == "PERCENTAGE":
		err = json.Unmarshal(found.Value, &s.Percentiles)
	default:
		err = json.Unmarshal(found.Value, &s.Value)
	}
	if err != nil {
		return fmt.Errorf("the value of %s: %w", found.Name, err)
	}
	return nil
}
