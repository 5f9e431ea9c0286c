package rest

import (
	"log/slog"
	"net/http"

	"github.com/opikgen/opikgen/runtime/internal/config"
)

// Options say where Opik is and who is asking. The zero value works: what is not set comes from the environment, then
// from the file that OPIK_CONFIG_PATH names or ~/.opik.config, as for the tracing runtime. That tracing is disabled or
// goes to another sink makes no difference.
type Options struct {
	URL       string // of Opik's API, like http://localhost:5173/api; OPIK_URL_OVERRIDE; the default is Comet's cloud
	APIKey    string `json:"-"` // OPIK_API_KEY; it is never printed
	Workspace string // OPIK_WORKSPACE; "default"
	Project   string // where a call names none; OPIK_PROJECT_NAME; "Default Project"

	// HTTPClient makes the requests; nil is a client of our own. A copy is used, which follows no redirect to another
	// server. Its Timeout, if it has one, also ends searches and downloads that are still being read.
	HTTPClient *http.Client `json:"-"`

	// Isolated leaves out the environment and the configuration file.
	Isolated bool
}

// String returns the options without the key.
func (o Options) String() string {
	return "rest.Options{URL: " + quote(o.URL) + ", APIKey: " + quote(mask(o.APIKey)) + ", Workspace: " + quote(o.Workspace) +
		", Project: " + quote(o.Project) + "}"
}

// GoString returns the options without the key.
func (o Options) GoString() string { return o.String() }

// LogValue returns the options without the key.
func (o Options) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", redacted(o.URL)), slog.String("workspace", o.Workspace), slog.String("project", o.Project))
}

// settings completes the options.
func (o Options) settings() (config.Settings, error) {
	found, err := config.Resolve(config.Settings{
		URL:       o.URL,
		APIKey:    o.APIKey,
		Workspace: o.Workspace,
		Project:   o.Project,
		Sink:      "opik",
	}, o.environment())
	if err != nil {
		return config.Settings{}, err
	}
	if found.Warning != "" {
		slog.Warn("opik: " + found.Warning)
	}
	if found.Off != "" {
		found.Disabled = false // which is about tracing, not about reading back
		found, err = config.Resolve(found.Settings, config.Nowhere())
	}
	return found.Settings, err
}

// environment returns where settings are read from besides the options.
func (o Options) environment() config.Environment {
	if o.Isolated {
		return config.Nowhere()
	}
	return config.System()
}
