package rest_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// environment sets variables, and leaves out those of this machine.
func environment(t *testing.T, variables map[string]string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"OPIK_URL_OVERRIDE", "OPIK_API_KEY", "OPIK_WORKSPACE", "OPIK_PROJECT_NAME", "OPIK_SINK",
		"OPIK_TRACK_DISABLE", "OPIK_CONFIG_PATH"} {
		t.Setenv(name, variables[name])
	}
}

func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "opik.config")
	require.NoError(t, os.WriteFile(file, []byte("[opik]\nurl_override = https://file.example.com/api/\nworkspace = file\ntrack_disable = true\n"), 0o600))
	tests := []struct {
		name      string
		variables map[string]string
		options   rest.Options
		want      string
	}{
		{"from the options", map[string]string{"OPIK_URL_OVERRIDE": "https://env.example.com"}, rest.Options{URL: "https://opik.example.com/api/", Workspace: "team"},
			`rest.Client{URL: "https://opik.example.com/api", Workspace: "team"}`},
		{"from the environment", map[string]string{"OPIK_URL_OVERRIDE": "https://env.example.com/api", "OPIK_WORKSPACE": "env"}, rest.Options{},
			`rest.Client{URL: "https://env.example.com/api", Workspace: "env"}`},
		{"from the file, in which tracing is off", map[string]string{"OPIK_CONFIG_PATH": file}, rest.Options{},
			`rest.Client{URL: "https://file.example.com/api", Workspace: "file"}`},
		{"whatever tracing does", map[string]string{"OPIK_SINK": "console", "OPIK_TRACK_DISABLE": "true", "OPIK_API_KEY": "k"}, rest.Options{},
			`rest.Client{URL: "https://www.comet.com/opik/api", Workspace: "default"}`},
		{"isolated", map[string]string{"OPIK_URL_OVERRIDE": "https://env.example.com/api", "OPIK_WORKSPACE": "env"},
			rest.Options{URL: "http://localhost:5173/api", Isolated: true}, `rest.Client{URL: "http://localhost:5173/api", Workspace: "default"}`},
		{"although the file is missing", map[string]string{"OPIK_CONFIG_PATH": file + "x"}, rest.Options{URL: "http://localhost:5173/api"},
			`rest.Client{URL: "http://localhost:5173/api", Workspace: "default"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			environment(t, test.variables)
			client, err := rest.New(test.options)
			require.NoError(t, err)
			assert.Equal(t, test.want, client.String())
		})
	}
}

func TestSettingsThatAreNone(t *testing.T) {
	tests := []struct {
		variables map[string]string
		options   rest.Options
		want      string
	}{
		{nil, rest.Options{}, "www.comet.com wants an API key and there is none: set OPIK_API_KEY"},
		{nil, rest.Options{URL: "localhost:5173"}, "the URL of Opik is not usable: want something like http://localhost:5173/api"},
		{nil, rest.Options{URL: "http://localhost:5173/api", Workspace: "team"}, `the workspace is "team", and a local Opik (localhost:5173) has only "default"`},
		{map[string]string{"OPIK_TRACK_DISABLE": "true"}, rest.Options{}, "www.comet.com wants an API key"},
		{map[string]string{"OPIK_TRACK_DISABLE": "perhaps"}, rest.Options{}, `OPIK_TRACK_DISABLE is "perhaps": want true or false`},
	}
	for _, test := range tests {
		environment(t, test.variables)
		_, err := rest.New(test.options)
		assert.ErrorContains(t, err, test.want)
	}
}

// TestTheProjectOfTheClient is where a call names none, and nowhere else.
func TestTheProjectOfTheClient(t *testing.T) {
	server := serve(t, says(`{"id":"`+spanID+`"}`))
	client := newClient(t, rest.Options{URL: server.URL, Project: "support"})
	_, err := collect(client.Spans.Search(t.Context(), rest.Query{}))
	require.NoError(t, err)
	_, err = collect(client.Spans.Search(t.Context(), rest.Query{ProjectName: "other"}))
	require.NoError(t, err)
	_, err = collect(client.Spans.Search(t.Context(), rest.Query{ProjectName: "other", ProjectID: projectID}))
	require.NoError(t, err)
	requests := server.asked()
	assert.Contains(t, string(requests[0].Body), `{"project_name":"support",`)
	assert.Contains(t, string(requests[1].Body), `{"project_name":"other",`)
	assert.Contains(t, string(requests[2].Body), `{"project_id":"`+projectID+`",`)
}

// TestOneClientForMany shares a client between goroutines, for the race detector.
func TestOneClientForMany(t *testing.T) {
	client := connect(t, says(`{"id":"`+spanID+`"}`))
	var wait sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		wait.Go(func() {
			_, err := collect(client.Spans.Search(t.Context(), rest.Query{PageSize: 2}))
			failures[i] = errors.Join(err, client.FeedbackScores.Add(t.Context(), rest.SpanRef(spanID), rest.FeedbackScore{Name: "a"}))
		})
	}
	wait.Wait()
	require.NoError(t, errors.Join(failures...))
}

// TestTheClientOfTheCaller is used and not changed.
func TestTheClientOfTheCaller(t *testing.T) {
	server := serve(t, done)
	mine := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	client := newClient(t, rest.Options{URL: server.URL, HTTPClient: mine})
	require.NoError(t, client.CheckAuth(t.Context()))
	assert.Nil(t, mine.CheckRedirect)
	assert.Equal(t, "rest.Client{}", (*rest.Client)(nil).String())
}
