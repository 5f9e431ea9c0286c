package config_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/config"
)

// environment is one with the given variables and files. The home is /home.
func environment(variables, files map[string]string) config.Environment {
	return config.Environment{
		Lookup: func(key string) (string, bool) { v, ok := variables[key]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
		HomeDir: func() (string, error) { return "/home", nil },
	}
}

const homeFile = "/home/.opik.config"

func TestPrecedence(t *testing.T) {
	type variables = map[string]string
	file := map[string]string{homeFile: "[opik]\nurl_override = http://file/api\nproject_name = file\nworkspace = file\napi_key = file"}
	cases := map[string]struct {
		explicit  config.Settings
		variables variables
		files     map[string]string
		want      config.Settings
	}{
		"the file": {
			files: file,
			want:  config.Settings{URL: "http://file/api", Project: "file", Workspace: "file", APIKey: "file", Sink: "opik"},
		},
		"the environment before the file": {
			variables: variables{"OPIK_URL_OVERRIDE": "http://env/api/", "OPIK_PROJECT_NAME": " env "},
			files:     file,
			want:      config.Settings{URL: "http://env/api", Project: "env", Workspace: "file", APIKey: "file", Sink: "opik"},
		},
		"the program before all": {
			explicit:  config.Settings{URL: "http://program/api", Workspace: "program"},
			variables: variables{"OPIK_URL_OVERRIDE": "http://env/api", "OPIK_ENVIRONMENT": "staging"},
			files:     file,
			want: config.Settings{
				URL: "http://program/api", Project: "file", Workspace: "program", APIKey: "file", Sink: "opik", Environment: "staging",
			},
		},
		"another file": {
			variables: variables{"OPIK_CONFIG_PATH": "/etc/opik"},
			files:     map[string]string{"/etc/opik": "[opik]\nurl_override: http://other", homeFile: "[opik]\nproject_name=x"},
			want:      config.Settings{URL: "http://other", Project: "Default Project", Workspace: "default", Sink: "opik"},
		},
		"an empty path is none": {
			variables: variables{"OPIK_CONFIG_PATH": ""},
			files:     file,
			want:      config.Settings{URL: "http://file/api", Project: "file", Workspace: "file", APIKey: "file", Sink: "opik"},
		},
		"a local Opik": {
			variables: variables{"OPIK_URL_OVERRIDE": "http://localhost:5173/api"},
			want:      config.Settings{URL: "http://localhost:5173/api", Project: "Default Project", Workspace: "default", Sink: "opik"},
		},
		"an Opik in the same network": {
			variables: variables{"OPIK_URL_OVERRIDE": "http://10.0.0.7/api", "OPIK_WORKSPACE": "w"},
			want:      config.Settings{URL: "http://10.0.0.7/api", Project: "Default Project", Workspace: "w", Sink: "opik"},
		},
		"rows that the program takes itself": {
			explicit:  config.Settings{Exported: true},
			variables: variables{"OPIK_URL_OVERRIDE": "ftp://x"},
			want:      config.Settings{URL: "ftp://x", Project: "Default Project", Workspace: "default", Sink: "opik", Exported: true},
		},
		"rows that the program takes itself, and nothing else": {
			explicit: config.Settings{Exported: true},
			want:     config.Settings{URL: config.CloudURL, Project: "Default Project", Workspace: "default", Sink: "opik", Exported: true},
		},
		"a key alone is for the cloud": {
			variables: variables{"OPIK_API_KEY": "k"},
			want:      config.Settings{URL: config.CloudURL, APIKey: "k", Project: "Default Project", Workspace: "default", Sink: "opik"},
		},
		"a sink alone": {
			variables: variables{"OPIK_SINK": "console"},
			want:      config.Settings{URL: config.CloudURL, Project: "Default Project", Workspace: "default", Sink: "console"},
		},
		"switches": {
			explicit: config.Settings{Sink: "file:x"},
			variables: variables{
				"OPIK_LOG_START_TRACE_SPAN": "TRUE", "OPIK_ENABLE_JSON_REQUEST_COMPRESSION": "0", "OPIK_DEFAULT_FLUSH_TIMEOUT": "2.5",
			},
			want: config.Settings{
				URL: config.CloudURL, Project: "Default Project", Workspace: "default", Sink: "file:x",
				SendOnStart: true, Uncompressed: true, FlushTimeout: 2500 * time.Millisecond,
			},
		},
		"attachments of another size": {
			variables: variables{"OPIK_SINK": "console", "OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE": "5000"},
			want: config.Settings{
				URL: config.CloudURL, Project: "Default Project", Workspace: "default", Sink: "console", AttachmentBytes: 5000,
			},
		},
		"no attachments": {
			variables: variables{"OPIK_SINK": "console", "OPIK_IS_ATTACHMENT_EXTRACTION_ACTIVE": "false"},
			want: config.Settings{
				URL: config.CloudURL, Project: "Default Project", Workspace: "default", Sink: "console", AttachmentBytes: -1,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := config.Resolve(c.explicit, environment(c.variables, c.files))
			require.NoError(t, err)
			if c.want.AttachmentBytes == 0 {
				c.want.AttachmentBytes = config.DefaultAttachmentBytes
			}
			if c.want.FlushTimeout == 0 {
				c.want.FlushTimeout = 10 * time.Second
			}
			assert.Empty(t, got.Off)
			assert.Empty(t, got.Warning)
			assert.Equal(t, c.want, got.Settings)
		})
	}
}

func TestOff(t *testing.T) {
	cases := map[string]struct {
		variables map[string]string
		want      string
	}{
		"nothing is said":          {nil, "no URL, API key or sink is configured"},
		"only a project":           {map[string]string{"OPIK_PROJECT_NAME": "p"}, "no URL, API key or sink is configured"},
		"disabled":                 {map[string]string{"OPIK_TRACK_DISABLE": "true", "OPIK_SINK": "console"}, "it is disabled"},
		"disabled with a mistake":  {map[string]string{"OPIK_TRACK_DISABLE": "1", "OPIK_SINK": "nonsense"}, "it is disabled"},
		"disabled, but not really": {map[string]string{"OPIK_TRACK_DISABLE": "no", "OPIK_SINK": "console"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := config.Resolve(config.Settings{}, environment(c.variables, nil))
			require.NoError(t, err)
			assert.Equal(t, c.want, got.Off)
		})
	}
	got, err := config.Resolve(config.Settings{}, config.Nowhere())
	require.NoError(t, err)
	assert.NotEmpty(t, got.Off)
}

func TestMistakes(t *testing.T) {
	cases := map[string]struct {
		variables map[string]string
		want      string
	}{
		"cloud without a key":   {map[string]string{"OPIK_SINK": "opik"}, "www.comet.com wants an API key and there is none"},
		"another cloud":         {map[string]string{"OPIK_URL_OVERRIDE": "https://eu.comet.com/opik/api"}, "eu.comet.com wants an API key"},
		"the cloud by its name": {map[string]string{"OPIK_URL_OVERRIDE": "https://comet.com/opik/api"}, "comet.com wants an API key"},
		"no size":               {map[string]string{"OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE": "0"}, `OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE is "0"`},
		"no size in digits":     {map[string]string{"OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE": "1k"}, `OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE is "1k"`},
		"for ever":              {map[string]string{"OPIK_DEFAULT_FLUSH_TIMEOUT": "Inf"}, `OPIK_DEFAULT_FLUSH_TIMEOUT is "Inf"`},
		"zero seconds":          {map[string]string{"OPIK_DEFAULT_FLUSH_TIMEOUT": "0"}, `OPIK_DEFAULT_FLUSH_TIMEOUT is "0"`},
		"a host without a name": {map[string]string{"OPIK_URL_OVERRIDE": "http:///api"}, "want something like http://"},
		"local with workspace":  {map[string]string{"OPIK_URL_OVERRIDE": "http://localhost:5173/api", "OPIK_WORKSPACE": "w"}, `the workspace is "w"`},
		"loopback by number":    {map[string]string{"OPIK_URL_OVERRIDE": "http://127.0.0.2/api", "OPIK_WORKSPACE": "w"}, `the workspace is "w"`},
		"no host":               {map[string]string{"OPIK_URL_OVERRIDE": "localhost:5173"}, "want something like http://"},
		"no URL":                {map[string]string{"OPIK_URL_OVERRIDE": "http://user:secret@%zz"}, "want something like http://"},
		"another scheme":        {map[string]string{"OPIK_URL_OVERRIDE": "ftp://x"}, "want something like http://"},
		"a page in a browser":   {map[string]string{"OPIK_URL_OVERRIDE": "http://localhost:5173/default/projects?page=1"}, "want something like http://"},
		"a part of a page":      {map[string]string{"OPIK_URL_OVERRIDE": "http://localhost:5173/#top"}, "want something like http://"},
		"unknown sink":          {map[string]string{"OPIK_SINK": "kafka"}, `the sink is "kafka"`},
		"a file without a name": {map[string]string{"OPIK_SINK": "file:"}, `the sink is "file:"`},
		"no boolean":            {map[string]string{"OPIK_TRACK_DISABLE": "maybe"}, `OPIK_TRACK_DISABLE is "maybe"`},
		"no seconds":            {map[string]string{"OPIK_DEFAULT_FLUSH_TIMEOUT": "-1"}, `OPIK_DEFAULT_FLUSH_TIMEOUT is "-1"`},
		"no number":             {map[string]string{"OPIK_DEFAULT_FLUSH_TIMEOUT": "NaN"}, `OPIK_DEFAULT_FLUSH_TIMEOUT is "NaN"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Resolve(config.Settings{}, environment(c.variables, nil))
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

// TestSpacesAroundWhatTheProgramSays is about keys that a program reads from a file, with the line end.
func TestSpacesAroundWhatTheProgramSays(t *testing.T) {
	got, err := config.Resolve(config.Settings{URL: " https://opik.example.com/api/\n", APIKey: "key\r\n", Workspace: "\tteam", Project: " \n"}, config.Nowhere())
	require.NoError(t, err)
	assert.Equal(t, "https://opik.example.com/api", got.URL)
	assert.Equal(t, "key", got.APIKey)
	assert.Equal(t, "team", got.Workspace)
	assert.Equal(t, config.DefaultProject, got.Project)
}

func TestFileWarnings(t *testing.T) {
	sink := map[string]string{"OPIK_SINK": "console"}
	asked := map[string]string{"OPIK_SINK": "console", "OPIK_CONFIG_PATH": "/nowhere"}
	unreadable := environment(sink, nil)
	unreadable.ReadFile = func(string) ([]byte, error) { return nil, errors.New("permission denied") }
	homeless := environment(sink, nil)
	homeless.HomeDir = func() (string, error) { return "", errors.New("no home") }
	cases := map[string]struct {
		env  config.Environment
		want string
	}{
		"none":               {environment(sink, nil), ""},
		"none at all":        {homeless, ""},
		"asked for and none": {environment(asked, nil), "/nowhere"},
		"not readable":       {unreadable, "permission denied"},
		"mistaken":           {environment(sink, map[string]string{homeFile: "[opik]\ntrack_disable = perhaps"}), `is "perhaps"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := config.Resolve(config.Settings{}, c.env)
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, got.Warning)
			} else {
				assert.Contains(t, got.Warning, c.want)
			}
		})
	}
}

func TestURLInTheKey(t *testing.T) {
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	cases := map[string]struct{ key, want string }{
		"with one":      {"k*" + encode(`{"baseUrl":"https://own.example.com"}`), "https://own.example.com/opik/api"},
		"with a path":   {"k*" + encode(`{"baseUrl":"https://own.example.com/a/b"}`), "https://own.example.com/a/opik/api"},
		"unpadded":      {"k*" + base64.RawURLEncoding.EncodeToString([]byte(`{"baseUrl":"https://own.example.com/"}`)), "https://own.example.com/opik/api"},
		"three parts":   {"k*" + encode(`{"baseUrl":"https://own.example.com"}`) + "*x", config.CloudURL},
		"no base64":     {"k*!!!", config.CloudURL},
		"no JSON":       {"k*" + encode("hello"), config.CloudURL},
		"no URL in it":  {"k*" + encode(`{"other":1}`), config.CloudURL},
		"nonsense URL":  {"k*" + encode(`{"baseUrl":"://"}`), config.CloudURL},
		"without a one": {"plain", config.CloudURL},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := config.Resolve(config.Settings{APIKey: c.key}, environment(nil, nil))
			require.NoError(t, err)
			assert.Equal(t, c.want, got.URL)
			assert.Equal(t, c.key, got.APIKey, "the whole key is what the server wants")
		})
	}
	got, err := config.Resolve(config.Settings{
		APIKey: "k*" + encode(`{"baseUrl":"https://own.example.com"}`),
		URL:    "http://elsewhere.example.com",
	}, environment(nil, nil))
	require.NoError(t, err)
	assert.Equal(t, "http://elsewhere.example.com", got.URL, "a URL that was set counts more")
}

func TestParseINI(t *testing.T) {
	const text = "\ufeffbefore = 1\n# comment\n; comment\n#api_key = x\n;api_key = x\n\n [opik]\r\n\tb = ]\nAPI_KEY = a=b%c:d \nurl_override:http://x/api\n" +
		"empty =\n= no name\nno value\n[ other ]\napi_key = other\n[broken\napi_key = still other"
	assert.Equal(t, map[string]map[string]string{
		"":      {"before": "1"},
		"opik":  {"b": "]", "api_key": "a=b%c:d", "url_override": "http://x/api", "empty": ""},
		"other": {"api_key": "still other"},
	}, config.ParseINI(text))
}

func FuzzParseINI(f *testing.F) {
	f.Add("[opik]\napi_key = k\n")
	f.Add("[\n]\n=\n:\n")
	f.Fuzz(func(t *testing.T, text string) {
		for section, values := range config.ParseINI(text) {
			assert.NotContains(t, section, "]")
			for name := range values {
				assert.NotEmpty(t, name)
				assert.NotContains(t, name, "=")
			}
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add("k*eyJiYXNlVXJsIjoiaHR0cHM6Ly9vd24uZXhhbXBsZS5jb20ifQ==")
	f.Fuzz(func(t *testing.T, key string) {
		got, err := config.Resolve(config.Settings{APIKey: key}, config.Nowhere())
		if err == nil && got.Off == "" {
			assert.Equal(t, key, got.APIKey)
			assert.NotEmpty(t, got.URL)
		}
	})
}
