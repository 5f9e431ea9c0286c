package store

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is a moment in nanoseconds since 1970. As the start of a row, zero marks a partial row, as Opik has it;
// anywhere else it says that there is none.
type Time int64

// TimeOf returns the Time of t.
func TimeOf(t time.Time) Time { return Time(t.UnixNano()) }

// Std returns t as the standard library has it.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// MarshalJSON writes t as Opik does, in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.Std().AppendFormat(nil, `"2006-01-02T15:04:05.999999999Z"`), nil
}

// UnmarshalJSON reads an ISO 8601 instant, or, as Opik also does, a number of seconds.
func (t *Time) UnmarshalJSON(text []byte) error {
	if seconds, err := strconv.ParseFloat(string(text), 64); err == nil {
		return t.setSeconds(seconds)
	}
	var written string
	if err := json.Unmarshal(text, &written); err != nil {
		return fmt.Errorf("cannot read %.60s as an instant", text)
	}
	parsed, err := ParseTime(written)
	*t = parsed
	return err
}

// setSeconds takes a number of seconds.
func (t *Time) setSeconds(seconds float64) error {
	whole, fraction := math.Modf(seconds)
	if math.IsNaN(whole) || math.Abs(whole) > 1e10 {
		return OutOfRange{}
	}
	return t.set(time.Unix(int64(whole), int64(math.Round(fraction*1e9))))
}

// ParseTime reads an ISO 8601 instant.
func ParseTime(text string) (Time, error) {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, fmt.Errorf("cannot read %.60q as an instant, which looks like 2006-01-02T15:04:05.123Z", text)
	}
	var t Time
	err = t.set(parsed)
	return t, err
}

// OutOfRange is the refusal of an instant that Opik does not keep.
type OutOfRange struct{}

// Error says which instants are kept.
func (OutOfRange) Error() string {
	return "must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z"
}

// lastSecond is the first one that is out of range.
var lastSecond = time.Date(2262, 4, 11, 23, 47, 16, 0, time.UTC)

// set takes an instant that nanoseconds can hold.
func (t *Time) set(moment time.Time) error {
	if moment.Before(time.Unix(0, 0)) || !moment.Before(lastSecond) {
		return OutOfRange{}
	}
	*t = TimeOf(moment)
	return nil
}
