package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
)

// listExports returns where the build cache has the export data of packages, by path. The go command is told to print
// what a package lacks (-n) instead of running it: so a cold cache is found out about in a moment and nothing is
// compiled. As everything waits for the answer, the go command is asked directly where no driver stands in for it.
func (l *loader) listExports(ctx context.Context, p *platform, paths []string) (map[string]string, error) {
	if l.hasDriver() {
		return l.driverExports(ctx, p, paths)
	}
	args := slices.Concat([]string{"list", "-e", "-n", "-export", "-json=ImportPath,Export", "-buildvcs=false", "-pgo=off"},
		l.config.BuildFlags, p.flags(), []string{"--"}, paths)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = l.config.Dir
	cmd.Env = append(slices.Clone(l.environment(p)), "PWD="+l.config.Dir)
	output, err := cmd.Output()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, fmt.Errorf("asking the go command about export data: %w", err)
	}
	found := make(map[string]string, len(paths))
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var pkg struct{ ImportPath, Export string }
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the go command's answer about export data: %w", err)
		}
		found[pkg.ImportPath] = pkg.Export
	}
}

// hasDriver reports whether go/packages would ask another program than the go command.
func (l *loader) hasDriver() bool {
	if driver := lookupEnv(l.environment(nil), "GOPACKAGESDRIVER"); driver != "" {
		return driver != "off"
	}
	_, err := exec.LookPath("gopackagesdriver")
	return err == nil
}

func (l *loader) driverExports(ctx context.Context, p *platform, paths []string) (map[string]string, error) {
	pkgs, err := l.goList(ctx, query{
		mode:     packages.NeedName | packages.NeedExportFile,
		patterns: paths,
		platform: p,
		flags:    []string{"-n"},
	})
	found := make(map[string]string, len(paths))
	for _, pkg := range pkgs {
		found[pkg.PkgPath] = pkg.ExportFile
	}
	return found, err
}

// ownPath returns the path of the module that the folder to start from is part of, or nothing.
func (l *loader) ownPath() string {
	src, err := os.ReadFile(filepath.Join(moduleRoot(l.config.Dir), "go.mod"))
	if err != nil {
		return ""
	}
	return modfile.ModulePath(src)
}
