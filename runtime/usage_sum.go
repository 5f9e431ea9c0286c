package opik

// SumUsage adds up the counts of the elements of a list, where an SDK has no more than those: as what [CaptureUsageFields]
// takes, under the name key. count may panic for an element that has no count. If none has one, there is no usage.
func SumUsage[T any, N number](key string, list []T, count func(element T) N) map[string]float64 {
	sum, counted := 0.0, false
	for _, element := range list {
		if n, ok := countIn(element, count); ok {
			sum, counted = sum+float64(n), true
		}
	}
	if !counted {
		return nil
	}
	return map[string]float64{key: sum}
}

// countIn returns the count of an element, if it has one.
func countIn[T any, N number](element T, count func(T) N) (n N, ok bool) {
	defer func() { ok = recover() == nil }()
	return count(element), true
}
