// Package config finds out where traces go: from what the program says, the environment, the configuration file
// that Opik's other SDKs write, and defaults, in this order.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// The defaults of Opik's SDKs.
const (
	CloudURL         = "https://www.comet.com/opik/api"
	DefaultWorkspace = "default"
	DefaultProject   = "Default Project"

	DefaultAttachmentBytes = 256_000
)

// Settings say where traces go and whether they are recorded. A zero field is not set.
type Settings struct {
	URL         string
	APIKey      string // never in errors or logs
	Workspace   string
	Project     string
	Environment string
	Sink        string // "opik", "console" or "file:PATH"
	Exported    bool   // rows go to the program itself, and to no sink
	Disabled    bool

	FlushTimeout time.Duration
	SendOnStart  bool
	Uncompressed bool

	// AttachmentBytes is how many characters of base64 in a value are sent as an attachment; below zero none are.
	AttachmentBytes int
}

// Environment is where settings are read from besides the program. Its functions are os.LookupEnv, os.ReadFile and
// os.UserHomeDir in production.
type Environment struct {
	Lookup   func(key string) (string, bool)
	ReadFile func(path string) ([]byte, error)
	HomeDir  func() (string, error)
}

// System is the environment of the process.
func System() Environment {
	return Environment{Lookup: os.LookupEnv, ReadFile: os.ReadFile, HomeDir: os.UserHomeDir}
}

// Nowhere is an environment that says nothing.
func Nowhere() Environment {
	return Environment{
		Lookup:   func(string) (string, bool) { return "", false },
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		HomeDir:  func() (string, error) { return "", fs.ErrNotExist },
	}
}

// Resolution is the outcome of [Resolve].
type Resolution struct {
	Settings
	Off     string // why nothing is recorded, "" if something is
	Warning string // what was ignored, "" if nothing was
}

// Resolve completes what the program says. It fails on settings that could only lose traces.
func Resolve(explicit Settings, env Environment) (Resolution, error) {
	fromEnv, err := env.variables()
	if err != nil {
		return Resolution{}, err
	}
	fromFile, warning := env.file()
	r := Resolution{Settings: explicit.trimmed().or(fromEnv).or(fromFile), Warning: warning}
	if r.Off = r.offReason(); r.Off != "" {
		return r, nil
	}
	r.Settings = r.complete()
	return r, r.check()
}

// offReason says why settings record nothing.
func (s Settings) offReason() string {
	switch {
	case s.Disabled:
		return "it is disabled"
	case s.Exported:
		return ""
	case s.Sink == "" && s.URL == "" && s.APIKey == "":
		return "no URL, API key or sink is configured"
	default:
		return ""
	}
}

// trimmed returns s without the spaces and line ends around its texts. A program that reads its key from a file, as
// secrets are handed to containers, has one at the end, with which no request could be made.
func (s Settings) trimmed() Settings {
	for _, text := range []*string{&s.URL, &s.APIKey, &s.Workspace, &s.Project, &s.Environment, &s.Sink} {
		*text = strings.TrimSpace(*text)
	}
	return s
}

// or returns s with what it does not set taken from t.
func (s Settings) or(t Settings) Settings {
	return Settings{
		URL:          cmp.Or(s.URL, t.URL),
		APIKey:       cmp.Or(s.APIKey, t.APIKey),
		Workspace:    cmp.Or(s.Workspace, t.Workspace),
		Project:      cmp.Or(s.Project, t.Project),
		Environment:  cmp.Or(s.Environment, t.Environment),
		Sink:         cmp.Or(s.Sink, t.Sink),
		Exported:     s.Exported,
		Disabled:     s.Disabled || t.Disabled,
		FlushTimeout: cmp.Or(s.FlushTimeout, t.FlushTimeout),
		SendOnStart:  s.SendOnStart || t.SendOnStart,
		Uncompressed: s.Uncompressed || t.Uncompressed,

		AttachmentBytes: cmp.Or(s.AttachmentBytes, t.AttachmentBytes),
	}
}

// complete fills in the defaults.
func (s Settings) complete() Settings {
	s.Sink = cmp.Or(s.Sink, "opik")
	s.URL = cmp.Or(s.URL, keyURL(s.APIKey), CloudURL)
	s.URL = strings.TrimRight(s.URL, "/")
	s.Workspace = cmp.Or(s.Workspace, DefaultWorkspace)
	s.Project = cmp.Or(s.Project, DefaultProject)
	s.FlushTimeout = cmp.Or(s.FlushTimeout, 10*time.Second)
	s.AttachmentBytes = cmp.Or(s.AttachmentBytes, DefaultAttachmentBytes)
	return s
}

// check finds settings that contradict each other.
func (s Settings) check() error {
	if s.Exported {
		return nil
	}
	if s.Sink != "opik" {
		return checkSink(s.Sink)
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the URL of Opik is not usable: want something like http://localhost:5173/api, " +
			"in Options.URL, OPIK_URL_OVERRIDE or url_override of the configuration file")
	}
	switch {
	case cloud(u.Hostname()) && s.APIKey == "":
		return fmt.Errorf("%s wants an API key and there is none: set OPIK_API_KEY, or OPIK_URL_OVERRIDE to your own Opik", u.Host)
	case local(u.Hostname()) && s.Workspace != DefaultWorkspace:
		return fmt.Errorf("the workspace is %q, and a local Opik (%s) has only %q: unset OPIK_WORKSPACE",
			s.Workspace, u.Host, DefaultWorkspace)
	}
	return nil
}

func checkSink(sink string) error {
	if path, ok := strings.CutPrefix(sink, "file:"); sink == "console" || ok && path != "" {
		return nil
	}
	return fmt.Errorf(`the sink is %q: want "opik", "console" or "file:PATH"`, sink)
}

// cloud reports whether Comet runs the host.
func cloud(host string) bool {
	return host == "comet.com" || strings.HasSuffix(host, ".comet.com")
}

func local(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback() // no address is none
}

// variables reads the environment variables. They are named as those of Opik's Python SDK.
func (e Environment) variables() (Settings, error) {
	text := func(key string) string {
		v, _ := e.Lookup(key)
		return strings.TrimSpace(v)
	}
	s := Settings{
		URL:         text("OPIK_URL_OVERRIDE"),
		APIKey:      text("OPIK_API_KEY"),
		Workspace:   text("OPIK_WORKSPACE"),
		Project:     text("OPIK_PROJECT_NAME"),
		Environment: text("OPIK_ENVIRONMENT"),
		Sink:        text("OPIK_SINK"),
	}
	compress, extract := true, true
	err := errors.Join(
		parseBool("OPIK_TRACK_DISABLE", text("OPIK_TRACK_DISABLE"), &s.Disabled),
		parseBool("OPIK_LOG_START_TRACE_SPAN", text("OPIK_LOG_START_TRACE_SPAN"), &s.SendOnStart),
		parseBool("OPIK_ENABLE_JSON_REQUEST_COMPRESSION", text("OPIK_ENABLE_JSON_REQUEST_COMPRESSION"), &compress),
		parseBool("OPIK_IS_ATTACHMENT_EXTRACTION_ACTIVE", text("OPIK_IS_ATTACHMENT_EXTRACTION_ACTIVE"), &extract),
		parseSize("OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE", text("OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE"), &s.AttachmentBytes),
		parseSeconds("OPIK_DEFAULT_FLUSH_TIMEOUT", text("OPIK_DEFAULT_FLUSH_TIMEOUT"), &s.FlushTimeout),
	)
	s.Uncompressed = !compress
	if !extract {
		s.AttachmentBytes = -1
	}
	return s, err
}

// parseBool reads a boolean as Python's SDK does. "" leaves it as it is.
func parseBool(name, text string, b *bool) error {
	switch strings.ToLower(text) {
	case "":
	case "1", "true", "t", "yes", "y", "on":
		*b = true
	case "0", "false", "f", "no", "n", "off":
		*b = false
	default:
		return fmt.Errorf("%s is %q: want true or false", name, text)
	}
	return nil
}

// parseSize reads a number of bytes. "" leaves it as it is.
func parseSize(name, text string, size *int) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return fmt.Errorf("%s is %q: want a number of bytes", name, text)
	}
	*size = n
	return nil
}

// parseSeconds reads a number of seconds. "" leaves it as it is.
func parseSeconds(name, text string, d *time.Duration) error {
	if text == "" {
		return nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0 && seconds < 1e9) {
		return fmt.Errorf("%s is %q: want a number of seconds", name, text)
	}
	*d = time.Duration(seconds * float64(time.Second))
	return nil
}
