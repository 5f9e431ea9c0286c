package parallel_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/generator/internal/parallel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachCallsWithEachNumberOnce(t *testing.T) {
	const n = 1000
	var calls [n]atomic.Int32
	err := parallel.Each(t.Context(), n, func(i int) { calls[i].Add(1) })
	require.NoError(t, err)
	for i := range calls {
		assert.Equal(t, int32(1), calls[i].Load())
	}
}

func TestEachMayWaitForEarlierCalls(t *testing.T) {
	const n = 100
	var done [n]chan struct{}
	for i := range done {
		done[i] = make(chan struct{})
	}
	err := parallel.Each(t.Context(), n, func(i int) {
		defer close(done[i])
		for _, earlier := range done[:i] {
			<-earlier
		}
	})
	require.NoError(t, err)
}

func TestEachStops(t *testing.T) {
	reason := errors.New("no longer needed")
	ctx, cancel := context.WithCancelCause(t.Context())
	var calls atomic.Int32
	err := parallel.Each(ctx, 1000, func(int) {
		calls.Add(1)
		cancel(reason)
	})
	assert.Equal(t, reason, err)
	assert.Less(t, int(calls.Load()), 1000)
}

func TestEachWithNothingToDo(t *testing.T) {
	assert.NoError(t, parallel.Each(t.Context(), 0, func(int) { t.Error("called") }))
}
