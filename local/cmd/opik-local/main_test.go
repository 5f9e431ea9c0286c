package main

import (
	"bytes"
	"context"
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
	"go.uber.org/goleak"
)

// asCommand makes the test's binary the command itself.
const asCommand = "OPIK_LOCAL_TEST_MAIN"

// eventually and tick bound what a test waits for.
const (
	eventually = time.Minute
	tick       = 5 * time.Millisecond
)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	traceID = "01900000-0000-7000-8000-000000000001"
	spanID  = "01900000-0001-7000-8000-000000000002"
)

const exported = `{"kind":"trace","row":{"id":"` + traceID + `","project_name":"p","name":"answer","thread_id":"talk","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:06Z","input":{"q":"why\u001b[31m"}}}
{"kind":"span","row":{"id":"` + spanID + `","project_name":"p","trace_id":"` + traceID + `","name":"ask","type":"llm","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:05.5Z","output":"because","error_info":{"exception_type":"Overloaded","message":"later","traceback":"x"}}}
`

// opikLocal runs a command line and returns what it printed.
func opikLocal(t *testing.T, want int, in string, args ...string) (out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, terminal{strings.NewReader(in), &stdout, &stderr})
	require.Equal(t, want, code, "%v: %s", args, stderr.String())
	return stdout.String(), stderr.String()
}

func TestImportShowExport(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	_, said := opikLocal(t, 0, exported, "import", "-db", db)
	assert.Equal(t, "2 lines imported\n", said)

	tree, _ := opikLocal(t, 0, "", "show", "-db", db, traceID[:12])
	assert.Equal(t, `● answer  1s · thread talk
│ in  {"q":"why\u001b[31m"}
└─ ask                          llm · 500ms · ✗
      out "because"
      err Overloaded: later
  `+traceID+"\n", tree)
	span, _ := opikLocal(t, 0, "", "show", "-db", db, spanID)
	assert.Contains(t, span, `"output": "because"`)

	file := filepath.Join(t.TempDir(), "out.ndjson")
	opikLocal(t, 0, "", "export", "-db", db, "-project", "P", file)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, 2, bytes.Count(text, []byte("\n")))
	other := filepath.Join(t.TempDir(), "b.db")
	opikLocal(t, 0, "", "import", "-db", other, file)
	again, _ := opikLocal(t, 0, "", "export", "-db", other)
	assert.Equal(t, string(text), again)
}

func TestMistakes(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no such command", []string{"watch"}, 2, `there is no command "watch"`},
		{"no such flag", []string{"serve", "-x"}, 2, "flag provided but not defined"},
		{"too much", []string{"serve", "x"}, 2, "one argument too many"},
		{"beyond this machine", []string{"-addr", "0.0.0.0:0", "-db", db}, 2, "give a -key"},
		{"a name", []string{"-addr", "example.com:80", "-db", db}, 2, "give a -key"},
		{"no port", []string{"-addr", "localhost", "-db", db}, 2, "missing port"},
		{"run nothing", []string{"run", "-db", db}, 2, "run which program?"},
		{"a program that fails", []string{"run", "-addr", "127.0.0.1:0", "-db", db, "false"}, 1, "running false: exit status 1"},
		{"a program's own status", []string{"run", "-addr", "127.0.0.1:0", "-db", db, "--", "sh", "-c", "exit 7"}, 7, "running sh: exit status 7"},
		{"a program that is killed", []string{"run", "-addr", "127.0.0.1:0", "-db", db, "--", "sh", "-c", "kill -9 $$"}, 1, "running sh: signal: killed"},
		{"a size that is none", []string{"serve", "-max-size", "x"}, 2, "invalid value"},
		{"show nothing", []string{"show", "-db", db}, 2, "give its id"},
		{"no database", []string{"show", "-db", db + "x", traceID}, 1, "there is no database"},
		{"show unknown", []string{"show", "-db", db, traceID}, 1, "no trace or span begins with"},
		{"no such project", []string{"export", "-db", db, "-project", "x"}, 1, `project "x": not found`},
		{"fewer than none", []string{"tail", "-db", db, "-n", "-1"}, 2, "no fewer traces than none"},
		{"no such file", []string{"import", "-db", db, filepath.Join(db, "x")}, 1, "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, said := opikLocal(t, test.code, "", test.args...)
			assert.Contains(t, said, test.want)
		})
	}
}

func TestHelp(t *testing.T) {
	text, _ := opikLocal(t, 0, "", "-h")
	for _, c := range commands() {
		assert.Contains(t, text, "opik-local "+c.name)
	}
	assert.Contains(t, text, "OPIK_URL_OVERRIDE=http://127.0.0.1:5173/api")
	_, said := opikLocal(t, 0, "", "tail", "-h")
	assert.Contains(t, said, "follow finished traces as trees")
}

// start runs a command until the test ends, and returns what it prints as it comes.
func start(t *testing.T, args ...string) io.Reader {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan int)
	go func() {
		code := run(ctx, args, terminal{strings.NewReader(""), writer, t.Output()})
		_ = writer.Close()
		ended <- code
	}()
	t.Cleanup(func() {
		stop()
		go func() { _, _ = io.Copy(io.Discard, reader) }() // it may still write
		assert.Equal(t, 0, <-ended)
	})
	return reader
}

// readUntil reads until a text appears.
func readUntil(t *testing.T, r io.Reader, want string) string {
	t.Helper()
	var read strings.Builder
	buffer := make([]byte, 1)
	for !strings.Contains(read.String(), want) {
		_, err := r.Read(buffer)
		require.NoError(t, err, read.String())
		read.Write(buffer)
	}
	return read.String()
}

// ask makes a request, and returns what is answered with a status.
func ask(t *testing.T, status int, method, address, body string) []byte {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, status, response.StatusCode, string(text))
	return text
}

func TestServeAndTail(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	said := readUntil(t, start(t, "-addr", "127.0.0.1:0", "-db", db), "ends it.\n")
	base := regexp.MustCompile(`OPIK_URL_OVERRIDE=(\S+)`).FindStringSubmatch(said)[1]
	lines := start(t, "tail", "-db", db)

	body := `{"traces":[{"id":"` + traceID + `","name":"answer","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:06Z"}]}`
	ask(t, http.StatusNoContent, http.MethodPost, base+"/v1/private/traces/batch", body)
	assert.Contains(t, readUntil(t, lines, traceID), "● answer  1s\n")
}

func TestRun(t *testing.T) {
	script := `curl -s -H 'Content-Type: application/json' -d '{"id":"` + traceID + `","name":"answer","start_time":"2026-01-02T03:04:05Z","end_time":"2026-01-02T03:04:06Z"}' $OPIK_URL_OVERRIDE/v1/private/traces && echo ran`
	said := readUntil(t, start(t, "run", "-addr", "127.0.0.1:0", "-db", filepath.Join(t.TempDir(), "a.db"), "--", "sh", "-c", script), traceID+"\n")
	assert.Contains(t, said, "\nran\n")
	assert.Regexp(t, `its trace: http://127\.0\.0\.1:\d+/#/trace/`+traceID, said)
}

func TestServeWithAKeyPrintsIt(t *testing.T) {
	said := readUntil(t, start(t, "-addr", "127.0.0.1:0", "-key", "secret", "-db", filepath.Join(t.TempDir(), "a.db")), "ends it.\n")
	assert.Contains(t, said, "/?key=secret")
	assert.Contains(t, said, "export OPIK_API_KEY=secret")
}
