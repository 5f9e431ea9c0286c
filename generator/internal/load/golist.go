package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// query is one question to the go command.
type query struct {
	mode     packages.LoadMode
	patterns []string
	platform *platform // nil is what the environment says
	tests    bool
	hidden   []string // files that the go command shall not see
}

// String tells the question from others of the same run.
func (q query) String() string { return fmt.Sprintf("%v %q %t", q.platform, q.patterns, q.tests) }

// metadata is what has to be known of every package below the annotated ones, and where the build cache has its export
// data. To ask for both at once takes no longer than a question about the export data alone.
const metadata = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
	packages.NeedModule | packages.NeedForTest | packages.NeedExportFile

// dryRun has the go command print what it would run to make up for what the build cache lacks, and run none of it. So a
// cold cache is found out about in a moment, and nothing is compiled.
const dryRun = "-n"

// goList runs go list by way of go/packages, so that a driver of another build system is asked where there is one.
func (l *loader) goList(ctx context.Context, q query) ([]*packages.Package, error) {
	hiding, remove, err := hide(q.hidden)
	if err != nil {
		return nil, err
	}
	defer remove()
	flags := slices.Concat(l.config.BuildFlags, q.platform.flags(), hiding)
	if q.mode&packages.NeedExportFile != 0 {
		flags = append(flags, dryRun)
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode:       q.mode,
		Context:    ctx,
		Dir:        l.config.Dir,
		Env:        l.environment(q.platform),
		BuildFlags: flags,
		Tests:      q.tests,
	}, q.patterns...)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, l.goCommandError(err)
	}
	return pkgs, nil
}

// hide returns the flag of the go command under which files do not exist, and what cleans up behind it. The overlay of
// go/packages can only replace files, and costs a temporary file for each.
func hide(paths []string) (flags []string, remove func(), err error) {
	if len(paths) == 0 {
		return nil, func() {}, nil
	}
	hidden := make(map[string]string, len(paths))
	for _, path := range paths {
		hidden[path] = ""
	}
	content, err := json.Marshal(map[string]any{"Replace": hidden})
	if err != nil {
		return nil, nil, fmt.Errorf("hiding the generated files: %w", err)
	}
	file, err := os.CreateTemp("", "opikgen-overlay-*.json")
	if err != nil {
		return nil, nil, fmt.Errorf("hiding the generated files: %w", err)
	}
	remove = func() { _ = os.Remove(file.Name()) }
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		remove()
		return nil, nil, fmt.Errorf("hiding the generated files: %w", err)
	}
	return []string{"-overlay=" + file.Name()}, remove, nil
}

// goCommandError says what to do about a go command that did not answer. go/packages passes on no more than texts.
func (l *loader) goCommandError(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, exec.ErrNotFound.Error()):
		return fmt.Errorf("there is no go command in PATH: install Go, or add its bin folder to PATH: %w", err)
	case strings.Contains(text, "go.mod file not found"):
		return fmt.Errorf("there is no go.mod in %s or above it: run go mod init where the module shall start", l.config.Dir)
	}
	return fmt.Errorf("asking the go command about packages: %w", err)
}

// seldomGC has the go command collect its garbage less often than the default, which costs its short runs a tenth of
// their time and saves them little memory. The limit is for modules of thousands of packages.
var seldomGC = []string{"GOGC=1600", "GOMEMLIMIT=512MiB"}

// environment returns the environment of the go command for a platform.
func (l *loader) environment(p *platform) []string {
	env := l.config.Env
	if env == nil {
		env = os.Environ()
	}
	if lookupEnv(env, "GOGC") == "" && lookupEnv(env, "GOMEMLIMIT") == "" {
		env = slices.Concat(env, seldomGC)
	}
	if p == nil {
		return env
	}
	cgo := "CGO_ENABLED=0"
	if p.cgo {
		cgo = "CGO_ENABLED=1"
	}
	return append(slices.Clone(env), "GOOS="+p.system, "GOARCH="+p.arch, cgo)
}

// flags returns the flags of the go command that give the platform its tags.
func (p *platform) flags() []string {
	if p == nil || len(p.tags) == 0 {
		return nil
	}
	return []string{"-tags=" + strings.Join(p.tags, ",")}
}
