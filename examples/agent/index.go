package main

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// documents is what the agent knows.
var documents = []string{
	"The museums in Porto open at ten and are closed on Mondays.",
	"Trains from Lisbon to Porto take three hours and leave every hour.",
	"The city tax of Porto is two euros a person and night.",
	"Lisbon's tram 28 runs from Martim Moniz to Campo de Ourique.",
}

// index finds texts by the vectors of their meaning.
type index []entry

type entry struct {
	text   string
	vector []float64
}

// match is a text with how near it is, 1 being the same.
type match struct {
	Text  string  `json:"text"`
	Score float64 `json:"score"`
}

// search returns the n texts that are nearest to a vector. Of the vector only the length is recorded.
//
//opik:track type=tool input.dimensions=len(vector) input.n=n
func (x index) search(_ context.Context, vector []float64, n int) (found []match) {
	for _, e := range x {
		found = append(found, match{Text: e.text, Score: cosine(e.vector, vector)})
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.Score, a.Score) })
	return found[:min(n, len(found))]
}

// cosine is 0 for vectors of different lengths and for those that point nowhere.
func cosine(a, b []float64) float64 {
	dot, lengths := product(a, b), math.Sqrt(product(a, a)*product(b, b))
	if lengths == 0 {
		return 0
	}
	return dot / lengths
}

func product(a, b []float64) (sum float64) {
	if len(a) != len(b) {
		return 0
	}
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
