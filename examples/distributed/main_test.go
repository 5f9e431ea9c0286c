package main

import (
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

// TestMain plays the parts that the test starts: they are this binary once more.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "server" || os.Args[1] == "client") {
		main()
		return
	}
	os.Exit(m.Run())
}

// isolate keeps this machine's own configuration out of the test.
func isolate(t *testing.T) {
	t.Helper()
	for _, name := range []string{"OPIK_API_KEY", "OPIK_SINK", "OPIK_URL_OVERRIDE", "OPIK_WORKSPACE", "OPIK_TRACK_DISABLE"} {
		t.Setenv(name, "")
	}
	configuration := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(configuration, nil, 0o600))
	t.Setenv("OPIK_CONFIG_PATH", configuration)
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where undelivered rows would wait
}

func TestTwoProcessesMakeOneTrace(t *testing.T) {
	isolate(t)
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	text := regexp.MustCompile(`[0-9.]+[µm]?s\n`).ReplaceAllString(out.String(), "TIME\n")
	text = regexp.MustCompile(`[0-9a-f-]{36}`).ReplaceAllString(text, "ID")
	text = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).ReplaceAllString(text, "HOST")
	text = regexp.MustCompile(` +`).ReplaceAllString(text, " ")
	assert.Equal(t, `The warmest is Porto, at 24 degrees.

trace warmest ID
 warmest general client TIME
`+strings.Repeat(` GET HOST general client TIME
 GET /weather/{city} general server TIME
 forecast tool server TIME
`, 3), text)
}

func TestTheServerSaysWhatItDoesNotKnow(t *testing.T) {
	isolate(t)
	out, in := io.Pipe()
	input, end := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(in, input) }()
	address := make([]byte, 64)
	n, err := out.Read(address)
	require.NoError(t, err)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	_, err = get(t.Context(), client, strings.TrimSpace(string(address[:n]))+"/weather/Atlantis")
	require.ErrorContains(t, err, "404")
	require.NoError(t, end.Close())
	require.NoError(t, <-done)
}

func TestRunWantsToKnowThePart(t *testing.T) {
	assert.ErrorContains(t, run(t.Context(), []string{"boss"}, io.Discard), `the arguments are ["boss"]`)
}
