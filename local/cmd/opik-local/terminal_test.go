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
	opikLocal(t, 0, "", "export", "-db", file)
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
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/private/traces/"+traceID, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	assert.Contains(t, string(text), `"name":"answer"`)
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
