package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/opikgen/opikgen/generator"
)

// The module that opikgen and its runtime are in, and the command's package.
const (
	ownModule = "github.com/opikgen/opikgen"
	ownTool   = ownModule + "/cmd/opikgen"
)

// goMod is the go.mod of the module to adopt opikgen in.
type goMod struct {
	path   string // absolute, without symbolic links, which a rename would replace
	name   string // relative to the folder that it was looked for from
	source []byte
	file   *modfile.File
}

// findModule finds the go.mod of the module that a folder is in.
func findModule(dir string) (*goMod, error) {
	for parent := dir; ; parent = filepath.Dir(parent) {
		found := filepath.Join(parent, "go.mod")
		path, err := filepath.EvalSymlinks(found)
		switch {
		case err == nil:
			name, err := filepath.Rel(dir, found)
			return &goMod{path: path, name: name}, err
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("looking for the module's go.mod: %w", err)
		case parent == filepath.Dir(parent):
			return nil, fmt.Errorf("there is no go.mod in %s or above it: run go mod init first", dir)
		}
	}
}

// readModule finds the go.mod of a folder and parses it.
func readModule(dir string) (*goMod, error) {
	m, err := findModule(dir)
	if err != nil {
		return nil, err
	}
	if m.source, err = os.ReadFile(m.path); err != nil {
		return nil, fmt.Errorf("reading the module's go.mod: %w", err)
	}
	if m.file, err = modfile.Parse(m.name, m.source, nil); err != nil {
		return nil, fmt.Errorf("reading the module's go.mod: %w", err)
	}
	if m.file.Module == nil {
		return nil, fmt.Errorf("%s names no module: run go mod init first", m.name)
	}
	return m, nil
}

// An addition is a line that go.mod lacks.
type addition struct {
	line string
	add  func() error
}

// missing lists the tool and, where a version is known, the requirement that it needs.
func (m *goMod) missing(version string) []addition {
	var all []addition
	if !m.hasTool() {
		all = append(all, addition{"tool " + ownTool, func() error { return m.file.AddTool(ownTool) }})
	}
	if version != "" && !m.hasModule() {
		line := "require " + ownModule + " " + version
		all = append(all, addition{line, func() error { return m.file.AddRequire(ownModule, version) }})
	}
	return all
}

// require plans the additions. It does without the network, so checksums and the rest are left to go mod tidy.
func (m *goMod) require(version string) (step, error) {
	missing := m.missing(version)
	if len(missing) == 0 {
		return step{
			file: generator.File{Path: m.path, Content: m.source, Current: m.source},
			says: fmt.Sprintf("%s: tool %s is there already\n", m.name, ownTool),
		}, nil
	}
	var says strings.Builder
	for _, addition := range missing {
		if err := addition.add(); err != nil {
			return step{}, fmt.Errorf("adding to %s: %w", m.name, err)
		}
		fmt.Fprintf(&says, "%s: added %s\n", m.name, addition.line)
	}
	content, err := m.file.Format()
	if err != nil {
		return step{}, fmt.Errorf("formatting %s: %w", m.name, err)
	}
	return step{file: generator.File{Path: m.path, Content: content, Current: m.source}, says: says.String()}, nil
}

func (m *goMod) hasTool() bool {
	return slices.ContainsFunc(m.file.Tool, func(tool *modfile.Tool) bool { return tool.Path == ownTool })
}

// hasModule reports whether opikgen's module is required, or is this one.
func (m *goMod) hasModule() bool {
	return m.file.Module.Mod.Path == ownModule ||
		slices.ContainsFunc(m.file.Require, func(require *modfile.Require) bool { return require.Mod.Path == ownModule })
}

// tidy returns the commands that make the go command content with an edited go.mod.
func (m *goMod) tidy() string {
	if _, err := os.Stat(filepath.Join(filepath.Dir(m.path), "vendor", "modules.txt")); err == nil {
		return "go mod tidy && go mod vendor"
	}
	return "go mod tidy"
}

// ownVersion is the version of the module that this program was built from, and empty for a build from a checkout:
// nobody could download that.
func ownVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != ownModule || info.Main.Sum == "" {
		return ""
	}
	return info.Main.Version
}
