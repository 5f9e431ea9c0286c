package spool_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
)

func TestWhatWasStoredComesBackInOrder(t *testing.T) {
	s, _ := newSpool(t, 0)
	want := [][]record.Row{batchOf("first", 3), batchOf("second", 1), batchOf("third", 1000)}
	for _, rows := range want {
		store(t, s, rows)
	}
	assert.Equal(t, 1004, s.Own())
	assert.Equal(t, want, replayAll(t, s))
	assert.Zero(t, s.Own())
	assert.Nil(t, replayAll(t, s), "nothing is left")
}

func TestNewTouchesNoFile(t *testing.T) {
	s, dir := newSpool(t, 0)
	assert.Zero(t, s.Own())
	assert.Nil(t, replayAll(t, s))
	assert.Empty(t, files(t, dir, "*"))
}

func TestTheNextProcessFindsTheFiles(t *testing.T) {
	first, dir := newSpool(t, 0)
	store(t, first, batchOf("left", 2))
	next := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team"})
	assert.Zero(t, next.Own(), "they are another's")
	assert.Equal(t, [][]record.Row{batchOf("left", 2)}, replayAll(t, next))
}

func TestDestinationsDoNotMix(t *testing.T) {
	ours, dir := newSpool(t, 0)
	store(t, ours, batchOf("ours", 1))
	theirs := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com other-team"})
	assert.Nil(t, replayAll(t, theirs))
}

func TestNothingSecretIsWritten(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	for _, path := range files(t, dir, "*") {
		written := strings.TrimPrefix(path, dir) + string(read(t, path))
		assert.NotContains(t, written, "team")
		assert.NotContains(t, written, "opik.example.com")
	}
}

func TestOthersMayNotReadTheFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not bits there")
	}
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("prompts", 1))
	for _, path := range files(t, dir, "*.rows") {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

func TestTheOldestMakeRoom(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("same length", 10))
	one, err := os.Stat(files(t, dir, "*.rows")[0])
	require.NoError(t, err)

	bounded, _ := newSpool(t, 3*one.Size())
	for range 3 {
		store(t, bounded, batchOf("same length", 10))
	}
	evicted, err := bounded.Store(batchOf("newest", 1))
	require.NoError(t, err)
	assert.Equal(t, 10, evicted)
	batches := replayAll(t, bounded)
	assert.Len(t, batches, 3)
	assert.Equal(t, batchOf("newest", 1), batches[2])
}

// TestOneFileMakesRoomOnce stores from two processes in a folder that is full: what the one has removed is not lost for the
// other, too.
func TestOneFileMakesRoomOnce(t *testing.T) {
	s, dir := newSpool(t, 5000)
	other := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team", MaxBytes: 5000})
	var group sync.WaitGroup
	var lost atomic.Int64
	fill := func(s *spool.Spool) {
		for range 100 {
			evicted, err := s.Store(batchOf("rows", 3))
			if err != nil {
				t.Error(err)
			}
			lost.Add(int64(evicted))
		}
	}
	group.Go(func() { fill(s) })
	group.Go(func() { fill(other) })
	group.Wait()
	assert.EqualValues(t, 2*100*3, lost.Load()+int64(s.Own()+other.Own()))
}

func TestABatchOverTheBoundIsNotStored(t *testing.T) {
	s, dir := newSpool(t, 100)
	_, err := s.Store(batchOf("large", 100))
	require.ErrorContains(t, err, "more than the 100 that the spool may hold")
	assert.Empty(t, files(t, dir, "*"))
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s := spool.New(spool.Config{Dir: path})
	_, err := s.Store(batchOf("rows", 1))
	require.ErrorContains(t, err, "making the spool folder")
	assert.Zero(t, s.Own())
}

func TestWritersDoNotCollide(t *testing.T) {
	s, dir := newSpool(t, 0)
	other := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team"})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { store(t, s, batchOf("one", 1)) })
		group.Go(func() { store(t, other, batchOf("two", 2)) })
	}
	group.Wait()
	assert.Equal(t, 20, s.Own())
	assert.Equal(t, 40, other.Own())
	assert.Len(t, replayAll(t, s), 40)
}

func TestSweepingLeavesWritersAlone(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	folder := filepath.Dir(files(t, dir, "*.rows")[0])
	dead, alive := filepath.Join(folder, "1.rows.tmp"), filepath.Join(folder, "2.rows.tmp")
	require.NoError(t, os.WriteFile(dead, []byte("cut"), 0o600))
	require.NoError(t, os.WriteFile(alive, []byte("cut"), 0o600))
	hourAgo := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(dead, hourAgo, hourAgo))

	assert.Len(t, replayAll(t, s), 1)
	assert.Equal(t, []string{alive}, files(t, dir, "*.tmp"))
}
