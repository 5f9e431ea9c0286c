package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// process is an opik-local in a process of its own.
type process struct {
	command *exec.Cmd
	url     string // of the API
}

// launch starts a process over a database.
func launch(t *testing.T, db string) process {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0", "-db", db)
	command.Env = append(os.Environ(), asCommand+"=1")
	command.Stderr = t.Output()
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	said := readUntil(t, output, "ends it.\n")
	return process{command, regexp.MustCompile(`OPIK_URL_OVERRIDE=(\S+)`).FindStringSubmatch(said)[1]}
}

// kill ends the process as a crash would.
func (p process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.command.Process.Kill()) // SIGKILL
	require.Error(t, p.command.Wait())
}

// ledger is what clients remember of what was acknowledged, batch by batch.
type ledger struct {
	mu      sync.Mutex
	batches map[string][]string // the ids of a batch by its trace
	acked   map[string]bool     // the batches that got their answer
	count   atomic.Int64
}

// client sends batches until the server goes away, every third one twice as after an answer that did not come.
func (l *ledger) client(ctx context.Context, server string, client *http.Client) {
	for number := 0; ; number++ {
		trace, ids, body := batch(20)
		l.mu.Lock()
		l.batches[trace] = ids
		l.mu.Unlock()
		for range 1 + number%3/2 {
			if !send(ctx, client, server+"/v1/private/spans/batch", body) {
				return
			}
		}
		l.mu.Lock()
		l.acked[trace] = true
		l.mu.Unlock()
		l.count.Add(1)
	}
}

// send posts a document and reports whether it was acknowledged.
func send(ctx context.Context, client *http.Client, address string, body []byte) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close() // what it says is in its status
	return response.StatusCode == http.StatusNoContent
}

// batch makes spans of one trace.
func batch(size int) (trace string, ids []string, body []byte) {
	trace = uuid.Must(uuid.NewV7()).String()
	rows := make([]map[string]any, size)
	for i := range rows {
		id := uuid.Must(uuid.NewV7()).String()
		ids = append(ids, id)
		rows[i] = map[string]any{"id": id, "trace_id": trace, "project_name": "kill", "name": "span", "start_time": "2026-01-02T03:04:05Z",
			"usage": map[string]int{"total_tokens": 1}, "last_updated_at": "2026-01-02T03:04:06Z"}
	}
	body, err := json.Marshal(map[string]any{"spans": rows})
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	return trace, ids, body
}

// stored reads how often each span is there, by its id.
func stored(t *testing.T, server string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for page := 1; ; page++ {
		text := ask(t, http.StatusOK, http.MethodGet, fmt.Sprintf("%s/v1/private/spans?project_name=kill&size=1000&page=%d", server, page), "")
		var list struct{ Content []struct{ ID string } }
		require.NoError(t, json.Unmarshal(text, &list))
		for _, span := range list.Content {
			found[span.ID]++
		}
		if len(list.Content) < 1000 {
			return found
		}
	}
}

func TestAKillInMidIngestLosesAndDoublesNothing(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	book := &ledger{batches: map[string][]string{}, acked: map[string]bool{}}
	for round := int64(1); round <= 2; round++ { // the second over what the first left
		server := launch(t, db)
		var wait sync.WaitGroup
		for range 2 {
			client := &http.Client{Transport: &http.Transport{}}
			wait.Go(func() { book.client(t.Context(), server.url, client); client.CloseIdleConnections() })
		}
		assert.Eventually(t, func() bool { return book.count.Load() >= 40*round }, eventually, tick)
		server.kill(t)
		wait.Wait()
	}

	server := launch(t, db)
	found := stored(t, server.url)
	http.DefaultClient.CloseIdleConnections()
	server.kill(t)
	total := 0
	for trace, ids := range book.batches {
		here := 0
		for _, id := range ids {
			here += found[id]
		}
		total += here
		if book.acked[trace] {
			assert.Equal(t, len(ids), here, "a batch that was acknowledged is there once")
			continue
		}
		assert.Contains(t, []int{0, len(ids)}, here, "one that was not is there whole or not at all")
	}
	assert.Len(t, found, total, "nothing is there that nobody sent")
	for id, times := range found {
		assert.Equal(t, 1, times, id)
	}
}
