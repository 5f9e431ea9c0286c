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

// TestWhatFollowsComesBackLast stores a score before the span it is about.
func TestWhatFollowsComesBackLast(t *testing.T) {
	s, _ := newSpool(t, 0)
	score := []record.Row{{Kind: record.KindSpanScore, ID: [16]byte{7}, Body: []byte("{}")}}
	store(t, s, score)
	store(t, s, batchOf("spans", 2))
	assert.Equal(t, [][]record.Row{batchOf("spans", 2), score}, replayAll(t, s))
}

func TestProcessesTakeTheirTurnByTime(t *testing.T) {
	s, dir := newSpool(t, 0)
	other := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team"})
	var want [][]record.Row
	for _, name := range []string{"first", "second", "third"} {
		store(t, s, batchOf(name, 1))
		want = append(want, batchOf(name, 1))
	}
	store(t, other, batchOf("of the other", 1))
	assert.Equal(t, append(want, batchOf("of the other", 1)), replayAll(t, s))
}

func TestNoRows(t *testing.T) {
	s, _ := newSpool(t, 0)
	store(t, s, nil)
	assert.Equal(t, [][]record.Row{nil}, replayAll(t, s))
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
	evicted, err := s.Store(batchOf("large", 100))
	require.ErrorContains(t, err, "more than the 100 that the spool may hold")
	assert.Zero(t, evicted)
	assert.Empty(t, files(t, dir, "*"))
}

// sizeOf returns how long the file of a batch is.
func sizeOf(t *testing.T, rows []record.Row) int64 {
	t.Helper()
	s, dir := newSpool(t, 0)
	store(t, s, rows)
	return int64(len(read(t, files(t, dir, "*.rows")[0])))
}

func TestABatchThatJustFits(t *testing.T) {
	rows := batchOf("rows", 3)
	s, dir := newSpool(t, sizeOf(t, rows))
	store(t, s, rows)
	evicted, err := s.Store(rows)
	require.NoError(t, err)
	assert.Equal(t, 3, evicted, "there is room for one")
	assert.Len(t, files(t, dir, "*.rows"), 1)
}

// TestDamagedFilesMakeRoomUncounted has a file in the way that was set aside, and whose rows are counted as lost already.
func TestDamagedFilesMakeRoomUncounted(t *testing.T) {
	rows := batchOf("rows", 3)
	s, dir := newSpool(t, sizeOf(t, rows))
	store(t, s, rows)
	path := files(t, dir, "*.rows")[0]
	require.NoError(t, os.Rename(path, path+".damaged"))
	store(t, s, rows)
	assert.Empty(t, files(t, dir, "*.damaged"))
}

func TestRoomThatCannotBeMade(t *testing.T) {
	rows := batchOf("rows", 3)
	s, dir := newSpool(t, sizeOf(t, rows))
	store(t, s, rows)
	path := files(t, dir, "*.rows")[0]
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "occupied"), 0o700)) // which cannot be removed as a file
	_, err := s.Store(rows)
	require.ErrorContains(t, err, "making room in the spool")
	assert.Len(t, files(t, dir, "*.rows"), 1, "nothing was written")
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s := spool.New(spool.Config{Dir: path})
	evicted, err := s.Store(batchOf("rows", 1))
	require.ErrorContains(t, err, "making the spool folder")
	assert.Zero(t, evicted)
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
	require.NoError(t, os.Chtimes(files(t, dir, "*.rows")[0], hourAgo, hourAgo))

	assert.Len(t, replayAll(t, s), 1)
	assert.Equal(t, []string{alive}, files(t, dir, "*.tmp"))
}
