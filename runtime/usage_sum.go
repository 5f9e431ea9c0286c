package opik

// SumUsage adds up the counts of the elements of a list, where an SDK has no more than those: as what [CaptureUsageFields]
// takes, under the name key. count may panic for an element that has no count. If none has one, the sum is 0, which is no
// usage. It is for the expressions of directives and presets.
func SumUsage[T any, N number](key string, list []T, count func(element T) N) map[string]float64 {
	sum := 0.0
	for _, element := range list {
		sum += countIn(element, count)
	}
	return map[string]float64{key: sum}
}

// countIn returns the count of an element, and 0 if it has none.
func countIn[T any, N number](element T, count func(T) N) (n float64) {
	defer func() { _ = recover() }()
	return float64(count(element))
}
