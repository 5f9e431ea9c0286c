package queue_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
)

// smallDisk names the folder where a process of the test's finds a disk of its own.
const smallDisk = "OPIKGEN_TEST_SMALL_DISK"

// smallDiskBytes is room for a few batches and not for all.
const smallDiskBytes = 512 << 10

// TestDiskFullUnderTheSpool runs itself again in a name space where anybody may mount, with a disk of half a megabyte
// under the spool.
func TestDiskFullUnderTheSpool(t *testing.T) {
	if dir := os.Getenv(smallDisk); dir != "" {
		mountSmallDisk(t, dir)
		t.Run("the server comes back", func(t *testing.T) { outliveAFullDisk(t, filepath.Join(dir, "back")) })
		t.Run("the server stays away", func(t *testing.T) { closeOverAFullDisk(t, filepath.Join(dir, "away")) })
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDiskFullUnderTheSpool$", "-test.v")
	command.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	output, err := command.CombinedOutput()
	if len(output) == 0 && err != nil {
		t.Skipf("this system lets nobody but root mount a small disk: %v", err)
	}
	if bytes.Contains(output, []byte("--- SKIP")) {
		t.Skipf("this system has no small disk:\n%s", output)
	}
	require.NoError(t, err, "%s", output)
}

func mountSmallDisk(t *testing.T, dir string) {
	t.Helper()
	_ = syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") // what is mounted must not show outside
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.Itoa(smallDiskBytes)); err != nil {
		t.Skipf("mounting: %v", err)
	}
	require.ErrorIs(t, os.WriteFile(filepath.Join(dir, "large"), make([]byte, 2*smallDiskBytes), 0o600), syscall.ENOSPC)
	require.NoError(t, os.Remove(filepath.Join(dir, "large")))
}

// outliveAFullDisk has a server away for longer than the disk has room: the rest waits in memory, and all arrives.
func outliveAFullDisk(t *testing.T, dir string) {
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{})
		start := time.Now()
		pushUnits(q, 10_000)
		assert.Zero(t, time.Since(start), "the caller never waits")
		<-time.After(time.Minute)
		stats := q.Stats()
		assert.NotZero(t, stats.Spooled, "what there is room for")
		assert.NotZero(t, stats.SpoolErrors)
		assert.Contains(t, stats.LastError, "no space left on device")
		assert.Empty(t, stats.Dropped)
		assert.GreaterOrEqual(t, uint64(stats.Queued)+stats.Spooled, uint64(10_000), "of a batch that is half spooled all rows are held")
		assert.Empty(t, spoolFiles(t, dir, "*.tmp"), "what was cut short is removed")

		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 8000)
		assert.Len(t, server.Traces(), 2000)
		assertDeliveredOnce(t, &server.Server)
	})
}

// closeOverAFullDisk loses the rows for which there is neither a server nor a disk, and says so.
func closeOverAFullDisk(t *testing.T, dir string) {
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{})
		pushUnits(q, 10_000)
		require.ErrorContains(t, closeWithin(t, q, time.Minute), "dropped (unsaved)")
		stats := q.Stats()
		assert.Positive(t, stats.Spooled)
		assert.EqualValues(t, 10_000, stats.Spooled+stats.Dropped[queue.Unsaved])

		server.down.Store(false)
		next := newSpooled(t, server, dir, queue.Config{})
		synctest.Wait()
		require.NoError(t, next.Close(t.Context()))
		assert.Equal(t, stats.Spooled, next.Stats().Replayed)
		assert.Len(t, server.Spans(), int(stats.Spooled)-len(server.Traces()))
	})
}
