package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// slow is what is not repeated: a command that takes longer is measured once.
const slow = 10 * time.Second

// keptIn is the variable that says where opikgen keeps what its next run can begin with.
const keptIn = "OPIKGEN_CACHE"

// A bench is a temporary folder with the corpora and the tools' programs.
type bench struct {
	dir     string
	tools   []tool
	corpora []*corpus
	edition int // of what was written last, so that the build cache has never seen it
}

func newBench(ctx context.Context) (*bench, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/opikgen/opikgen").Output()
	if err != nil {
		return nil, fmt.Errorf("finding opikgen's module: run this in the module of the benchmarks: %w", err)
	}
	dir, err := os.MkdirTemp("", "opikgen-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, corpora: corpora()}
	if err := os.Setenv(keptIn, filepath.Join(dir, "kept")); err != nil {
		return nil, err
	}
	if err := b.fill(ctx, strings.TrimSpace(string(root))); err != nil {
		b.remove()
		return nil, err
	}
	return b, nil
}

// fill builds the tools and writes the corpora.
func (b *bench) fill(ctx context.Context, root string) (err error) {
	if b.tools, err = findTools(ctx, b.dir); err != nil {
		return err
	}
	for _, c := range b.corpora {
		if err := c.write(ctx, b.dir, root); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) remove() { _ = os.RemoveAll(b.dir) }

// A row is one line of the table.
type row struct {
	corpus, state, tool string
	measurement
}

// A trial is a tool in a state of a corpus.
type trial struct {
	*corpus
	state
	tool
}

// trials returns all that is of interest, state by state for each corpus.
func (b *bench) trials() []trial {
	var trials []trial
	for _, c := range b.corpora {
		for _, s := range states {
			for _, t := range b.tools {
				trials = append(trials, trial{c, s, t})
			}
		}
	}
	return slices.DeleteFunc(trials, func(t trial) bool { return !t.applies(t.corpus, t.tool) })
}

// measure makes all rows.
func (b *bench) measure(ctx context.Context, runs int) ([]row, error) {
	var rows []row
	for _, t := range b.trials() {
		r := row{corpus: t.corpus.name, state: t.state.name, tool: t.tool.name}
		var err error
		if r.measurement, err = b.repeat(ctx, runs, t); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", r.corpus, r.state, err)
		}
		fmt.Fprintf(os.Stderr, "%s, %s: %s took %.2fs\n", r.corpus, r.state, r.tool, r.wall.Seconds())
		rows = append(rows, r)
	}
	return rows, nil
}

// repeat returns the median of several runs, with no output of other tools around.
func (b *bench) repeat(ctx context.Context, runs int, t trial) (measurement, error) {
	for _, other := range generators {
		if err := t.deleteOutputs(other); err != nil {
			return measurement{}, err
		}
	}
	var measured []measurement
	for range runs {
		m, err := b.once(ctx, t)
		if err != nil {
			return measurement{}, err
		}
		measured = append(measured, m)
		if m.wall > slow {
			break
		}
	}
	return median(measured), nil
}

// once brings the state about and measures one run.
func (b *bench) once(ctx context.Context, t trial) (measurement, error) {
	b.edition++
	if err := t.prepare(ctx, t, b.edition); err != nil {
		return measurement{}, err
	}
	var env []string
	if t.cold {
		cache := filepath.Join(b.dir, "cache")
		defer func() { _ = os.RemoveAll(cache) }() // the folder of the run goes anyway
		env = append(env, "GOCACHE="+cache)
	}
	if t.cold || t.first {
		env = append(env, keptIn+"=off")
	}
	return executeAll(ctx, t.commands(t.tool, t.corpus), env...)
}

// A state is what a tool finds: what has happened to its output since it ran and since the go command last compiled.
type state struct {
	name    string
	cold    bool // the build cache is empty, and it is the first run
	first   bool // nothing is known of an earlier run
	prepare func(ctx context.Context, t trial, edition int) error
}

var states = []state{
	{name: "unchanged", prepare: unchanged},
	{name: "first run", first: true, prepare: unchanged},
	{name: "output just written", prepare: written},
	{name: "output changed", prepare: changed},
	{name: "output deleted", prepare: deleted},
	{name: "build cache empty", cold: true, prepare: unchanged},
}

// applies reports whether a state is of interest. What happens to the output is, for tools that load all packages at
// once, where there are many of them. With an empty build cache whoever wants export data takes as long as the floor.
func (s state) applies(c *corpus, t tool) bool {
	switch {
	case c.directive != track:
		return s.name == states[0].name && (t.name == floorTool.name || t.name == "opikgen")
	case s.name == states[0].name:
		return true
	case s.cold:
		return c.sdk && c.packages == 1 && (t.name == floorTool.name || t.name == "opikgen")
	case s.first:
		return t.name == "opikgen"
	}
	return c.packages > 1 && t.output != "" && t.single(c)
}

// run has the tool write its output, and build compiles all packages, both unmeasured.
func (t trial) run(ctx context.Context) error {
	_, err := executeAll(ctx, t.commands(t.tool, t.corpus))
	return err
}

func (t trial) build(ctx context.Context) error {
	_, err := execute(ctx, command{dir: t.dir, args: []string{"go", "build", "./..."}})
	return err
}

func unchanged(ctx context.Context, t trial, _ int) error {
	outputs, err := t.outputs(t.tool)
	if err != nil || len(outputs) > 0 {
		return err // it is what the run before has left
	}
	return errors.Join(t.run(ctx), t.build(ctx))
}

func written(ctx context.Context, t trial, edition int) error {
	return errors.Join(t.deleteOutputs(t.tool), t.writeSources(edition), t.build(ctx), t.run(ctx))
}

func changed(ctx context.Context, t trial, edition int) error {
	return errors.Join(t.run(ctx), t.build(ctx), t.changeOutputs(t.tool, edition))
}

func deleted(ctx context.Context, t trial, edition int) error {
	return errors.Join(t.writeSources(edition), t.run(ctx), t.build(ctx), t.deleteOutputs(t.tool))
}
