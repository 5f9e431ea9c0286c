package parallel_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"

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

// TestEachLeavesRoomForAnotherProgram: half of the processors, and never all.
func TestEachLeavesRoomForAnotherProgram(t *testing.T) {
	for processors, want := range map[int]int32{1: 1, 2: 1, 3: 1, 8: 4} {
		t.Run(strconv.Itoa(processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			end := parallel.Beside()
			assert.Equal(t, want, running(t))
			end()
			assert.Equal(t, int32(processors), running(t))
		})
	}
}

// running returns how many calls run at a time.
func running(t *testing.T) (together int32) {
	synctest.Test(t, func(t *testing.T) {
		var started atomic.Int32
		release := make(chan struct{})
		go func() {
			synctest.Wait()
			together = started.Load()
			close(release)
		}()
		require.NoError(t, parallel.Each(t.Context(), 100, func(int) {
			started.Add(1)
			<-release
		}))
	})
	return together
}
