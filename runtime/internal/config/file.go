package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// file reads the configuration file: the one that OPIK_CONFIG_PATH names, or ~/.opik.config. A file that cannot be
// read is worth a warning, one that is not there only if it was asked for.
func (e Environment) file() (s Settings, warning string) {
	path, asked := e.Lookup("OPIK_CONFIG_PATH")
	if !asked || path == "" {
		home, err := e.HomeDir()
		if err != nil {
			return Settings{}, ""
		}
		path, asked = filepath.Join(home, ".opik.config"), false
	}
	text, err := e.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return Settings{}, ""
	case err != nil:
		return Settings{}, fmt.Sprintf("the configuration file cannot be read: %v", err)
	}
	return fromINI(ParseINI(string(text))["opik"])
}

// fromINI takes the settings from the section [opik].
func fromINI(section map[string]string) (s Settings, warning string) {
	s = Settings{
		URL:         section["url_override"],
		APIKey:      section["api_key"],
		Workspace:   section["workspace"],
		Project:     section["project_name"],
		Environment: section["environment"],
		Sink:        section["sink"],
	}
	if err := parseBool("track_disable in the configuration file", section["track_disable"], &s.Disabled); err != nil {
		return s, err.Error()
	}
	return s, ""
}

// ParseINI reads text as Python's configparser does, without interpolation: sections in brackets, names before an
// equals sign or a colon, comments on lines of their own. What it does not understand it skips. Names are in lower
// case.
func ParseINI(text string) map[string]map[string]string {
	sections := map[string]map[string]string{}
	section := ""
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if name, ok := header(line); ok {
			section = name
			continue
		}
		name, value, ok := assignment(line)
		if !ok {
			continue
		}
		if sections[section] == nil {
			sections[section] = map[string]string{}
		}
		sections[section][name] = value
	}
	return sections
}

// header returns the name in brackets.
func header(line string) (name string, ok bool) {
	if !strings.HasPrefix(line, "[") {
		return "", false
	}
	name, _, ok = strings.Cut(line[1:], "]")
	return strings.TrimSpace(name), ok
}

// assignment divides a line at the first equals sign or colon.
func assignment(line string) (name, value string, ok bool) {
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
		return "", "", false
	}
	i := strings.IndexAny(line, "=:")
	if i <= 0 {
		return "", "", false
	}
	return strings.ToLower(strings.TrimSpace(line[:i])), strings.TrimSpace(line[i+1:]), true
}
