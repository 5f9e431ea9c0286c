package opik_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// newSpanID returns the id of a span that starts now, in the context of the recorder.
func newSpanID(t *testing.T, rec *opiktest.Recorder) uuid.UUID {
	t.Helper()
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	defer span.End()
	id, err := uuid.Parse(span.ID())
	require.NoError(t, err)
	return id
}

func TestIDSaysWhenItStarted(t *testing.T) {
	rec := opiktest.New(t)
	for range 1000 {
		before := time.Now().UnixMilli()
		id := newSpanID(t, rec)
		after := time.Now().UnixMilli()
		milliseconds := int64(id[0])<<40 | int64(id[1])<<32 | int64(id[2])<<24 | int64(id[3])<<16 | int64(id[4])<<8 | int64(id[5])
		require.GreaterOrEqual(t, milliseconds, before)
		require.LessOrEqual(t, milliseconds, after)
		require.EqualValues(t, 7, id.Version())
		require.Equal(t, uuid.RFC4122, id.Variant())
	}
}

func TestIDsGrowWhileTheClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.New(t)
		last := newSpanID(t, rec).String()
		for range 10_000 {
			id := newSpanID(t, rec).String()
			require.Greater(t, id, last)
			last = id
		}
	})
}

// TestIDsFollowAClockThatIsSetRight starts spans by a clock that goes back by decades: that of the bubble.
func TestIDsFollowAClockThatIsSetRight(t *testing.T) {
	rec := opiktest.New(t)
	newSpanID(t, rec)
	synctest.Test(t, func(t *testing.T) {
		last := ""
		for range 5000 { // more than there are ids in a millisecond
			_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{}) // which is ended by those outside
			require.Greater(t, span.ID(), last)
			last = span.ID()
		}
		seconds, _ := uuid.MustParse(last).Time().UnixTime()
		assert.Equal(t, time.Now().Unix(), seconds)
	})
}

func TestIDsOfTwoClientsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := newSpanID(t, opiktest.New(t)), newSpanID(t, opiktest.New(t))
		assert.NotEqual(t, one, other, "at the same time")
	})
}
