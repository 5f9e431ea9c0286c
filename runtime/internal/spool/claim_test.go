package spool_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
)

func TestOnlyOneReplays(t *testing.T) {
	s, dir := newSpool(t, 0)
	other := spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team"})
	store(t, s, batchOf("rows", 1))

	claim, err := s.Claim()
	require.NoError(t, err)
	_, err = other.Claim()
	require.ErrorIs(t, err, spool.ErrBusy)
	_, err = s.Claim()
	require.ErrorIs(t, err, spool.ErrBusy, "not even the same spool twice")

	claim.Release()
	assert.Len(t, replayAll(t, other), 1)
}

func TestAFileStaysUntilItIsDone(t *testing.T) {
	s, _ := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	claim, err := s.Claim()
	require.NoError(t, err)
	for range 2 {
		file, err := claim.Next()
		require.NoError(t, err)
		assert.Equal(t, batchOf("rows", 1), file.Rows)
	}
	claim.Release()
	assert.Len(t, replayAll(t, s), 1)
}

func TestDamagedFilesAreSetAside(t *testing.T) {
	tests := []struct {
		name   string
		damage func(content []byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut in the first line", func(content []byte) []byte { return content[:10] }},
		{"cut in a body", func(content []byte) []byte { return content[:len(content)-3] }},
		{"a bit has flipped", func(content []byte) []byte { content[len(content)-5] ^= 1; return content }},
		{"no format", func(content []byte) []byte { return bytes.Replace(content, []byte("spool 1"), []byte("spool x"), 1) }},
		{"no beginning", func(content []byte) []byte { return bytes.TrimPrefix(content, []byte("opikgen-spool 1 ")) }},
		{"another format without the rest", func([]byte) []byte { return []byte("opikgen-spool 2") }},
		{"another format of another program", func([]byte) []byte { return []byte("spool 2 3 0\n") }},
		{"a number alone", func([]byte) []byte { return []byte("2 3 0\n") }},
		{"an older format", func([]byte) []byte { return []byte("opikgen-spool 0 3 0\n") }},
		{"rows are missing", func(content []byte) []byte {
			return bytes.Replace(content, []byte("spool 1 3"), []byte("spool 1 4"), 1)
		}},
		{"zeros, as after a loss of power", func(content []byte) []byte { return make([]byte, len(content)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, dir := newSpool(t, 0)
			store(t, s, batchOf("damaged", 3))
			path := files(t, dir, "*.rows")[0]
			require.NoError(t, os.WriteFile(path, test.damage(read(t, path)), 0o600))
			store(t, s, batchOf("sound", 1))

			claim, err := s.Claim()
			require.NoError(t, err)
			defer claim.Release()
			_, err = claim.Next()
			damaged, ok := errors.AsType[*spool.Damaged](err)
			require.True(t, ok, "found %v, expected a *Damaged", err)
			assert.Equal(t, filepath.Base(path), damaged.Name)
			assert.Equal(t, 3, damaged.Rows)
			require.ErrorContains(t, err, damaged.Name)
			require.ErrorIs(t, err, damaged.Err)
			assert.Equal(t, 1, s.Own(), "its rows do not wait any more")

			file, err := claim.Next()
			require.NoError(t, err)
			assert.Equal(t, batchOf("sound", 1), file.Rows, "the replay goes on behind it")
			assert.Len(t, files(t, dir, "*.damaged"), 1)
		})
	}
}

// TestFilesOfANewerVersionAreLeftToIt replays a folder that the next version of the program writes to already.
func TestFilesOfANewerVersionAreLeftToIt(t *testing.T) {
	poem := "poem 0100000000000000000000000000000a 02000000000000000000000000000000 false 2\n{}\n"
	for name, content := range map[string]string{
		"another format": "opikgen-spool 2 whatever comes then\n",
		"another kind":   fmt.Sprintf("opikgen-spool 1 1 %08x\n%s", crc32.Checksum([]byte(poem), crc32.MakeTable(crc32.Castagnoli)), poem),
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := newSpool(t, 0)
			store(t, s, batchOf("newer", 1))
			path := files(t, dir, "*.rows")[0]
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			store(t, s, batchOf("ours", 1))
			assert.Equal(t, [][]record.Row{batchOf("ours", 1)}, replayAll(t, s))
			assert.Equal(t, []string{path}, files(t, dir, "*.rows"), "it is still there, under its name")
			assert.Nil(t, replayAll(t, s), "and nobody looks at it again")
		})
	}
}

// TestAFileThatCannotBeReadNowWaits replays with a file that cannot be read for a while, as while the program has too many
// files open. It was set aside as damaged, and its rows counted as lost.
func TestAFileThatCannotBeReadNowWaits(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("first", 2))
	path := files(t, dir, "*.rows")[0]
	store(t, s, batchOf("second", 1))
	away := filepath.Join(t.TempDir(), "away")
	require.NoError(t, os.Rename(path, away))
	require.NoError(t, os.Mkdir(path, 0o700)) // which cannot be read as a file, whoever asks

	claim, err := s.Claim()
	require.NoError(t, err)
	file, err := claim.Next()
	require.NoError(t, err)
	assert.Equal(t, batchOf("second", 1), file.Rows, "the others are replayed")
	require.NoError(t, file.Done())
	file, err = claim.Next()
	assert.Nil(t, file)
	require.ErrorContains(t, err, "reading a spool file")
	claim.Release()
	assert.Equal(t, 2, s.Own(), "it waits")

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Rename(away, path))
	assert.Equal(t, [][]record.Row{batchOf("first", 2)}, replayAll(t, s))
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	folder := filepath.Dir(files(t, dir, "*.rows")[0])
	foreign := []string{
		"README", "1-2-3", "1-x-3.rows", "-1-2.rows", ".rows", "1234567890123456789-x-a.rows", "1234567890123456789-1-a",
		"1234567890123456789-1.rows", "1234567890123456789--1-a.rows", "1234567890123456789-1-a.txt.damaged",
	}
	for _, name := range foreign {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("mine"), 0o600))
	}
	assert.Len(t, replayAll(t, s), 1)
	assert.Len(t, files(t, dir, "*"), len(foreign)+1, "they and the lock")
}

// TestADamagedFileThatCannotBeSetAside has something in the way of its new name: nobody looks at it again.
func TestADamagedFileThatCannotBeSetAside(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("damaged", 3))
	path := files(t, dir, "*.rows")[0]
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(path+".damaged", "occupied"), 0o700))
	store(t, s, batchOf("sound", 1))

	claim, err := s.Claim()
	require.NoError(t, err)
	_, err = claim.Next()
	_, ok := errors.AsType[*spool.Damaged](err)
	require.True(t, ok, "found %v, expected a *Damaged", err)
	claim.Release()
	assert.Equal(t, [][]record.Row{batchOf("sound", 1)}, replayAll(t, s))
}

// TestAFileThatIsGoneWhenItIsRead has a name behind which there is nothing, as where another process makes room between the
// look into the folder and the file.
func TestAFileThatIsGoneWhenItIsRead(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("gone", 3))
	path := files(t, dir, "*.rows")[0]
	require.NoError(t, os.Remove(path))
	if err := os.Symlink("nowhere", path); err != nil {
		t.Skip("no symbolic links: ", err)
	}
	store(t, s, batchOf("sound", 1))
	assert.Equal(t, [][]record.Row{batchOf("sound", 1)}, replayAll(t, s))
	assert.Zero(t, s.Own())
}

func TestAFolderThatCannotBeRead(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	folder := filepath.Dir(files(t, dir, "*.rows")[0])
	claim, err := s.Claim()
	require.NoError(t, err)
	defer claim.Release()
	require.NoError(t, os.Rename(folder, folder+".away"))
	require.NoError(t, os.WriteFile(folder, nil, 0o600))

	_, err = s.Claim()
	require.ErrorContains(t, err, "reading the spool folder")
	_, err = claim.Next()
	require.ErrorContains(t, err, "reading the spool folder")
	assert.Zero(t, s.Own())
}

func TestALockThatCannotBeOpened(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(files(t, dir, "*.rows")[0]), "replay.lock"), 0o700))
	_, err := s.Claim()
	require.Error(t, err)
	assert.NotErrorIs(t, err, spool.ErrBusy)
}

func TestADoneFileThatCannotBeRemovedIsNotReplayedTwice(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	path := files(t, dir, "*.rows")[0]
	claim, err := s.Claim()
	require.NoError(t, err)
	file, err := claim.Next()
	require.NoError(t, err)

	// A folder with something in it cannot be removed as a file, whoever asks.
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "occupied"), 0o700))
	require.ErrorContains(t, file.Done(), "removing a replayed spool file")

	again, err := claim.Next()
	require.NoError(t, err)
	assert.Nil(t, again)
	claim.Release()
	assert.Zero(t, s.Own())
}

func TestAFileThatMadeRoomMeanwhileIsNoError(t *testing.T) {
	s, dir := newSpool(t, 0)
	store(t, s, batchOf("rows", 1))
	claim, err := s.Claim()
	require.NoError(t, err)
	defer claim.Release()
	file, err := claim.Next()
	require.NoError(t, err)
	require.NoError(t, os.Remove(files(t, dir, "*.rows")[0]))
	assert.NoError(t, file.Done())
}
