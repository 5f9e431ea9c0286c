package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// line is a trace as an export has it.
func line(row map[string]any) string {
	text, err := json.Marshal(map[string]any{"kind": "trace", "row": row})
	if err != nil {
		panic(err) // the rows are texts
	}
	return string(text) + "\n"
}

// traces are n finished traces, an unfinished one, and a partial one.
func traces(n int) string {
	var text strings.Builder
	for i := range n {
		id := fmt.Sprintf("01900000-0000-7000-8000-%012d", i)
		text.WriteString(line(map[string]any{"id": id, "project_name": "p", "name": fmt.Sprintf("trace %d", i), "start_time": "2026-01-02T03:04:05Z",
			"end_time": "2026-01-02T03:04:06Z", "last_updated_at": fmt.Sprintf("2026-01-02T03:05:%02dZ", i)}))
	}
	text.WriteString(line(map[string]any{"id": "01900000-0000-7000-9000-000000000001", "name": "running", "start_time": "2026-01-02T03:04:05Z"}))
	text.WriteString(line(map[string]any{"id": "01900000-0000-7000-a000-000000000001", "name": "partial", "start_time": "1970-01-01T00:00:00Z", "end_time": "2026-01-02T03:04:06Z"}))
	return text.String()
}

func TestTailBeginsWithTheLastTraces(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "trace 2 trace 3 trace 4"}, {[]string{"-n", "1"}, "trace 4"}, {[]string{"-n", "0"}, ""}, {[]string{"-n", "99"}, "trace 0 trace 1 trace 2 trace 3 trace 4"},
	} {
		t.Run(test.want, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "a.db")
			opikLocal(t, 0, traces(5), "import", "-db", db)
			out := start(t, append([]string{"tail", "-db", db}, test.args...)...)
			opikLocal(t, 0, line(map[string]any{"id": spanID, "name": "the end", "start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:04:06Z"}), "import", "-db", db)
			said := readUntil(t, out, "the end")
			var names []string
			for _, found := range regexp.MustCompile(`● (.+?)  `).FindAllStringSubmatch(said+"  ", -1) {
				names = append(names, found[1])
			}
			assert.Equal(t, strings.TrimSpace(test.want+" the end"), strings.Join(names, " "), "what runs or is partial has not finished")
		})
	}
}

func TestTailTellsOfSpansAndErrors(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	out := start(t, "tail", "-db", db)
	opikLocal(t, 0, exported, "import", "-db", db)
	said := readUntil(t, out, traceID+"\n")
	assert.Contains(t, said, "└─ ask")
	assert.Contains(t, said, "err Overloaded: later")
	assert.NotContains(t, said, "\x1b")
}

// TestTailTellsOfWhatComesLate is about clients that send a batch every few seconds: its rows carry the times of their making.
func TestTailTellsOfWhatComesLate(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	opikLocal(t, 0, exported, "import", "-db", db)
	out := start(t, "tail", "-db", db)
	readUntil(t, out, traceID+"\n")
	late := func(name, id string, age time.Duration) string {
		return line(map[string]any{"id": id, "name": name, "start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:04:06Z", "last_updated_at": time.Now().Add(-age)})
	}
	opikLocal(t, 0, late("first", "01900000-0000-7000-b000-000000000001", 3*time.Second), "import", "-db", db)
	assert.NotContains(t, readUntil(t, out, "first"), "answer", "nothing is told twice")
	opikLocal(t, 0, late("second", "01900000-0000-7000-b000-000000000002", time.Minute), "import", "-db", db)
	assert.NotContains(t, readUntil(t, out, "second"), "first", "nothing is told twice")
}

func TestOfNoDatabaseThereIsNothingToShow(t *testing.T) {
	db := filepath.Join(t.TempDir(), "typo.db")
	for _, args := range [][]string{{"show", "-db", db, traceID}, {"export", "-db", db}} {
		_, said := opikLocal(t, 1, "", args...)
		assert.Contains(t, said, "there is no database")
		assert.NoFileExists(t, db)
	}
}

// TestAnInterruptedProgramSendsItsLastTraces has a program that sends when it is interrupted, as an SDK does that flushes.
func TestAnInterruptedProgramSendsItsLastTraces(t *testing.T) {
	folder := t.TempDir()
	db, ended := filepath.Join(folder, "a.db"), filepath.Join(folder, "ended")
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	script := `echo waiting; while [ ! -e ` + ended + ` ]; do sleep 0.05; done; sleep 0.3
		curl -s -H 'Content-Type: application/json' -d '{"id":"` + traceID + `","name":"last words","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:06Z"}' $OPIK_URL_OVERRIDE/v1/private/traces`
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"run", "-addr", "127.0.0.1:0", "-db", db, "--", "sh", "-c", script}, terminal{strings.NewReader(""), writer, t.Output()})
	}()
	readUntil(t, reader, "waiting\n")
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	stop()
	require.NoError(t, os.WriteFile(ended, nil, 0o600))
	require.Equal(t, 0, <-code)
	require.NoError(t, writer.Close())
	out, _ := opikLocal(t, 0, "", "show", "-db", db, traceID)
	assert.Contains(t, out, "last words")
}

// TestARequestIsAnsweredThoughTheServerEnds interrupts the server while a client sends a body.
func TestARequestIsAnsweredThoughTheServerEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	code := make(chan int)
	db := filepath.Join(t.TempDir(), "a.db")
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-db", db}, terminal{strings.NewReader(""), writer, t.Output()})
	}()
	base := regexp.MustCompile(`OPIK_URL_OVERRIDE=(\S+)`).FindStringSubmatch(readUntil(t, reader, "ends it.\n"))[1]
	body, send := io.Pipe()
	status := make(chan int)
	go func() {
		defer close(status)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/private/traces", body)
		if !assert.NoError(t, err) {
			return
		}
		request.Header.Set("Expect", "100-continue") // so that nothing is read from body before the server asks for it
		client := &http.Transport{ExpectContinueTimeout: eventually, DisableKeepAlives: true}
		response, err := client.RoundTrip(request)
		if assert.NoError(t, err) {
			assert.NoError(t, response.Body.Close())
			status <- response.StatusCode
		}
	}()
	_, err := io.WriteString(send, `{"id":"`+traceID+`","name":"whole",`)
	require.NoError(t, err)
	stop()
	_, err = io.WriteString(send, `"start_time":"2026-01-02T03:04:05Z"}`)
	require.NoError(t, err)
	require.NoError(t, send.Close())
	assert.Equal(t, http.StatusCreated, <-status)
	assert.Equal(t, 0, <-code)
}

func TestShow(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	opikLocal(t, 0, exported+traces(2), "import", "-db", db)
	tests := []struct {
		name, id string
		code     int
		want     string
	}{
		{"a trace", traceID, 0, "● answer"},
		{"a span", spanID, 0, `"exception_type": "Overloaded"`},
		{"the beginning of a span", spanID[:13], 0, `"name": "ask"`},
		{"a partial row", "01900000-0000-7000-a", 0, "partial (partial: its create has not come)"},
		{"one that runs", "01900000-0000-7000-9", 0, "● running"},
		{"too short", "0190", 1, `"0190" is too short: give at least 8 characters of an id`},
		{"several", "01900000-0000", 1, `traces begin with "01900000-0000": give more of the id`},
		{"none", "ffffffff", 1, `no trace or span begins with "ffffffff"`},
		{"a pattern", "01900000-%", 1, "no trace or span begins with"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, said := opikLocal(t, test.code, "", "show", "-db", db, test.id)
			assert.Contains(t, out+said, test.want)
		})
	}
}

func TestExportAndImportOfFilesAndPipes(t *testing.T) {
	folder := t.TempDir()
	db := filepath.Join(folder, "a.db")
	opikLocal(t, 0, exported, "import", "-db", db, "-")
	piped, _ := opikLocal(t, 0, "", "export", "-db", db, "-")
	assert.Equal(t, 2, strings.Count(piped, "\n"))
	file := filepath.Join(folder, "x.ndjson")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("old"), 10_000), 0o600))
	opikLocal(t, 0, "", "export", "-db", db, file)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, piped, string(text), "an older file is replaced whole")
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "what programs said is nobody else's to read")

	_, said := opikLocal(t, 1, exported+"{", "import", "-db", db)
	assert.Contains(t, said, "2 lines imported")
	assert.Contains(t, said, "reading line 3")
	_, said = opikLocal(t, 1, "", "export", "-db", db, filepath.Join(folder, "no", "folder"))
	assert.Contains(t, said, "no such file")
	none, _ := opikLocal(t, 0, "", "export", "-db", db, "-project", "p")
	assert.Equal(t, 2, strings.Count(none, "\n"))
}

func TestTheDatabaseIsNobodyElsesToRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "folder", "a.db")
	opikLocal(t, 0, "", "import", "-db", file)
	info, err := os.Stat(filepath.Dir(file))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestWhereTheDatabaseIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "elsewhere.db")
	t.Setenv("OPIK_LOCAL_DB", file)
	opikLocal(t, 0, exported, "import")
	assert.FileExists(t, file)
	t.Setenv("OPIK_LOCAL_DB", "")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	text, _ := opikLocal(t, 0, "", "help")
	assert.Contains(t, text, filepath.Join("opik-local", "opik.db"))
}

func TestTwoServersDoNotShareAPort(t *testing.T) {
	said := readUntil(t, start(t, "-addr", "127.0.0.1:0", "-db", filepath.Join(t.TempDir(), "a.db")), "ends it.\n")
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(said)
	_, problem := opikLocal(t, 1, "", "-addr", address, "-db", filepath.Join(t.TempDir(), "b.db"))
	assert.Contains(t, problem, "another -addr may be free")
}

func TestACommandOnADatabaseThatAServerHas(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	said := readUntil(t, start(t, "-addr", "127.0.0.1:0", "-db", db), "ends it.\n")
	base := regexp.MustCompile(`OPIK_URL_OVERRIDE=(\S+)`).FindStringSubmatch(said)[1]
	opikLocal(t, 0, exported, "import", "-db", db)
	assert.Contains(t, string(ask(t, http.StatusOK, http.MethodGet, base+"/v1/private/traces/"+traceID, "")), `"name":"answer"`)
}

func TestRunTellsOfTheTracesOfTheProgramOnly(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	opikLocal(t, 0, traces(3), "import", "-db", db)
	said := readUntil(t, start(t, "run", "-addr", "127.0.0.1:0", "-key", "secret", "-db", db, "--", "sh", "-c", `test "$OPIK_API_KEY" = secret && echo traced nothing`), "traced nothing\n")
	assert.NotContains(t, said, "its trace")
}

func TestAServerEndsWhenItIsTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"-addr", "localhost:0", "-max-age", "1h", "-max-size", "1", "-db", filepath.Join(t.TempDir(), "a.db")}, terminal{strings.NewReader(""), writer, t.Output()})
	}()
	readUntil(t, reader, "ends it.\n")
	stop()
	assert.Equal(t, 0, <-ended)
}
