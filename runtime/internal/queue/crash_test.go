package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// crashDir names the spool of a process that is going to be killed.
const crashDir = "OPIKGEN_TEST_CRASH_DIR"

// TestKilledProcess runs this test again as another process, kills that in the middle of its work, and replays what
// it left. Whatever it said was in the spool must arrive.
func TestKilledProcess(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		pushUntilKilled(t, dir)
	}
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcess$")
	command.Env = append(os.Environ(), crashDir+"="+dir)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	spooled := 0
	for lines := bufio.NewScanner(output); spooled < 5000 && lines.Scan(); {
		spooled, err = strconv.Atoi(strings.TrimPrefix(lines.Text(), "spooled "))
		require.NoError(t, err, lines.Text())
	}
	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())
	require.GreaterOrEqual(t, spooled, 5000)

	server := &fakeopik.Server{}
	q := newSpooled(t, server, dir, queue.Config{})
	for len(spoolFiles(t, dir, "*.rows")) > 0 { // the test's time limit is the bound
		require.NoError(t, q.Flush(t.Context()))
	}
	require.NoError(t, q.Close(t.Context()))
	assert.GreaterOrEqual(t, len(server.Spans()), spooled)
	assert.Empty(t, q.Stats().Dropped)
	names := namesOf(server)
	for i := range spooled {
		require.True(t, names[strconv.Itoa(i)], "row %d is lost", i)
	}
}

// pushUntilKilled pushes rows that no server takes, and says how many are in the spool.
func pushUntilKilled(t *testing.T, dir string) {
	down := roundTripper(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return nil, syscall.ECONNREFUSED
	})
	q := newSpooled(t, down, dir, queue.Config{MaxRows: 200, BatchRows: 100, Block: true})
	for i := 0; ; i++ {
		q.PushContext(context.Background(), newRow(record.KindSpan, strconv.Itoa(i)))
		if i%100 == 0 {
			fmt.Println("spooled", q.Stats().Spooled)
		}
	}
}

// namesOf returns the names of all spans that a server has.
func namesOf(server *fakeopik.Server) map[string]bool {
	names := map[string]bool{}
	for _, row := range server.Spans() {
		names[nameOf(row.JSON)] = true
	}
	return names
}
