package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tool is what is measured.
type tool struct {
	name     string
	pkg      string // of its program, among the tools of this module; else the program is looked for in PATH
	output   string // matches the names of the files that it writes; empty if it writes none
	commands func(t tool, c *corpus) []command
	path     string // of its program, once it is found
}

var floorTool = tool{name: "go list -export -deps", path: "go", commands: floor}

// generators are the tools beside the floor.
var generators = []tool{
	{name: "opikgen", pkg: "github.com/opikgen/opikgen/cmd/opikgen", output: "opik_gen.go", commands: opikgen},
	{name: "moq", pkg: "github.com/matryer/moq", output: "moq_gen.go", commands: moq},
	{name: "mockery", output: "mocks_gen.go", commands: mockery},
	{name: "gowrap", output: "gowrap*_gen.go", commands: gowrap},
}

// findTools returns the floor and the generators that there are. Their programs are built into dir.
func findTools(ctx context.Context, dir string) ([]tool, error) {
	found := []tool{floorTool}
	for _, t := range generators {
		path, err := t.find(ctx, dir)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			fmt.Fprintf(os.Stderr, "generate: there is no %s in PATH: it is left out\n", t.name)
			continue
		case err != nil:
			return nil, err
		}
		t.path = path
		found = append(found, t)
	}
	return found, nil
}

func (t tool) find(ctx context.Context, dir string) (string, error) {
	if t.pkg == "" {
		return exec.LookPath(t.name)
	}
	path := filepath.Join(dir, t.name)
	_, err := execute(ctx, command{args: []string{"go", "build", "-o", path, t.pkg}})
	return path, err
}

// single reports whether the tool does a whole module in one process.
func (t tool) single(c *corpus) bool { return len(t.commands(t, c)) == 1 }

func floor(t tool, c *corpus) []command {
	return []command{{dir: c.dir, args: []string{t.path, "list", "-export", "-deps", "-json=ImportPath,Export", "./..."}}}
}

func opikgen(t tool, c *corpus) []command {
	return []command{{dir: c.dir, args: []string{t.path, "./..."}}}
}

func mockery(t tool, c *corpus) []command {
	return []command{{dir: c.dir, args: []string{t.path, "--log-level=error"}}}
}

// moq runs once a package.
func moq(t tool, c *corpus) []command {
	var commands []command
	for i := range c.packages {
		args := []string{t.path, "-out", "moq_gen.go", "."}
		for j := range c.interfaces {
			args = append(args, interfaceName(j))
		}
		commands = append(commands, command{dir: c.packageDir(i), args: args})
	}
	return commands
}

// gowrap runs once an interface.
func gowrap(t tool, c *corpus) []command {
	var commands []command
	for i := range c.packages {
		for j := range c.interfaces {
			name := interfaceName(j)
			commands = append(commands, command{dir: c.packageDir(i), args: []string{
				t.path, "gen", "-g", "-p", ".", "-i", name, "-t", filepath.Join(c.dir, "gowrap.go.template"),
				"-o", "gowrap_" + strings.ToLower(name) + "_gen.go"}})
		}
	}
	return commands
}
