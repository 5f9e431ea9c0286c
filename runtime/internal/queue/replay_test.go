package queue_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
)

func TestAShortOutageTouchesNoDisk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{})
		pushUnits(q, 100)
		time.AfterFunc(3*time.Second, func() { server.down.Store(false) })
		require.NoError(t, q.Close(t.Context()))
		assert.Zero(t, q.Stats().Spooled)
		assert.Len(t, server.Spans(), 80)
	})
	assert.Empty(t, spoolFiles(t, dir, "*"))
}

func TestALongOutageGoesToTheSpoolAndBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{})
		for range 60 {
			pushUnits(q, 100)
			<-time.After(time.Second)
		}
		synctest.Wait()
		stats := q.Stats()
		assert.GreaterOrEqual(t, stats.Spooled, uint64(5000))
		assert.LessOrEqual(t, stats.Queued, 1000)
		assert.NotEmpty(t, spoolFiles(t, dir, "*.rows"))

		server.down.Store(false)
		<-time.After(30 * time.Second) // nobody flushes, nobody pushes
		synctest.Wait()
		assert.Len(t, server.Spans(), 4800)
		assert.Len(t, server.Traces(), 1200)
		stats = q.Stats()
		assert.Equal(t, stats.Spooled, stats.Replayed)
		assert.EqualValues(t, 6000, stats.Sent)
		assert.Empty(t, spoolFiles(t, dir, "*.rows"))
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestWhileTheServerIsDownOnlyTheReplayerAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, t.TempDir(), queue.Config{BatchRows: 10})
		pushUnits(q, 10)
		<-time.After(30 * time.Second) // the first batch is in the spool
		before := server.attempts.Load()
		pushUnits(q, 1000)
		synctest.Wait()
		assert.EqualValues(t, 1010, q.Stats().Spooled)
		assert.Equal(t, before, server.attempts.Load(), "a hundred batches and not one request")
		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()), "flushing replays")
		assert.Len(t, server.Spans(), 808)
	})
}

func TestACrowdedQueueGoesToTheSpoolAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, t.TempDir(), queue.Config{MaxRows: 2000, BatchRows: 100})
		for range 100 {
			pushUnits(q, 100)
			<-time.After(10 * time.Millisecond)
		}
		assert.Empty(t, q.Stats().Dropped, "10,000 rows through a queue of 2,000 in a second")
		assert.NotZero(t, q.Stats().Spooled)
		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 8000)
	})
}

func TestCloseSpoolsAndTheNextProcessReplays(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{BatchRows: 50})
		pushUnits(q, 1000)
		require.EqualError(t, closeWithin(t, q, time.Second), "1000 rows did not arrive: 1000 in the spool; "+
			"last error: request to opik failed: connection refused")
		assert.Empty(t, q.Stats().Dropped)

		server.down.Store(false)
		next := newSpooled(t, server, dir, queue.Config{})
		synctest.Wait()
		assert.EqualValues(t, 1000, next.Stats().Replayed)
		assert.Len(t, server.Spans(), 800)
		assert.Empty(t, spoolFiles(t, dir, "*.rows"))
		require.NoError(t, next.Close(t.Context()))
	})
}

func TestReplayKeepsTheOrder(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		_, q := newDown(t, dir, queue.Config{BatchRows: 1})
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			q.Push(newRow(record.KindSpan, name))
			<-time.After(20 * time.Second)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, q.Close(ctx))
	})
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, Spool: spool.New(spool.Config{Dir: dir, Destination: "http://opik.example.com team"})})
	for q.Stats().Replayed < 5 { // the replayer has its own pace; the test's time limit is the bound
		require.NoError(t, q.Flush(t.Context()))
	}
	require.NoError(t, q.Close(t.Context()))
	assert.Equal(t, "abcde", sink.names())
}

func TestProcessesThatShareASpoolReplayEachFileOnce(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{BatchRows: 10})
		pushUnits(q, 1000)
		require.Error(t, closeWithin(t, q, time.Second))

		server.down.Store(false)
		var queues []*queue.Queue
		for range 4 {
			queues = append(queues, newSpooled(t, server, dir, queue.Config{}))
		}
		<-time.After(time.Minute)
		replayed := uint64(0)
		for _, q := range queues {
			replayed += q.Stats().Replayed
			require.NoError(t, q.Close(t.Context()))
		}
		assert.EqualValues(t, 1000, replayed)
		assertDeliveredOnce(t, &server.Server)
	})
}

func TestADamagedFileIsCountedAndPassed(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{BatchRows: 10})
		pushUnits(q, 30)
		require.Error(t, closeWithin(t, q, time.Second))
		files := spoolFiles(t, dir, "*.rows")
		require.NoError(t, os.Truncate(files[1], 100))
		lost := 2 // traces of a batch of ten
		if strings.Contains(files[1], "-8-") {
			lost = 8
		}

		server.down.Store(false)
		next := newSpooled(t, server, dir, queue.Config{})
		synctest.Wait()
		assert.Equal(t, map[queue.Reason]uint64{queue.SpoolDamaged: uint64(lost)}, next.Stats().Dropped)
		assert.Equal(t, 30-lost, len(server.Spans())+len(server.Traces()))
		assert.ErrorContains(t, next.Close(t.Context()), "dropped (spool_damaged); last error: spool file")
	})
}

func TestASpoolThatCannotBeWrittenKeepsRowsInMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{})
		pushUnits(q, 10_000)
		time.AfterFunc(time.Minute, func() { server.down.Store(false) })
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 8000)
		assert.NotZero(t, q.Stats().SpoolErrors)
		assert.Zero(t, q.Stats().Spooled)
	})
}

func TestRowsAreLostOnlyWhenNeitherServerNorDiskTakesThem(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	synctest.Test(t, func(t *testing.T) {
		_, q := newDown(t, dir, queue.Config{})
		pushUnits(q, 100)
		err := closeWithin(t, q, time.Minute)
		require.ErrorContains(t, err, "100 rows did not arrive: 100 dropped (unsaved)")
		assert.ErrorContains(t, err, "not a directory")
	})
}

func TestTheOldestRowsLeaveAFullSpool(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &switchable{}
		server.down.Store(true)
		sink := clientOf(t, "http://opik.example.com", server)
		q := queue.New(queue.Config{Sink: sink, Limits: opikLimits, BatchRows: 10,
			Spool: spool.New(spool.Config{Dir: dir, MaxBytes: 20_000})})
		pushUnits(q, 1000)
		require.ErrorContains(t, closeWithin(t, q, time.Minute), "dropped (spool_full)")
		stats := q.Stats()
		assert.EqualValues(t, 1000, stats.Spooled)
		size := int64(0)
		for _, file := range spoolFiles(t, dir, "*.rows") {
			info, err := os.Stat(file)
			require.NoError(t, err)
			size += info.Size()
		}
		assert.LessOrEqual(t, size, int64(20_000))
		assert.Greater(t, size, int64(15_000))
	})
}

func TestASilentServerAndAFullQueueGoToTheSpool(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		silent := during(time.Minute, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		q := newSpooled(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			defer func() { _ = r.Body.Close() }()
			return silent(server, r)
		}), dir, queue.Config{MaxRows: 2000, BatchRows: 100})
		for range 100 {
			pushUnits(q, 100)
			<-time.After(500 * time.Millisecond)
		}
		assert.Empty(t, q.Stats().Dropped)
		assert.Greater(t, q.Stats().Spooled, uint64(5000), "no request has failed yet")
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 8000)
	})
}
