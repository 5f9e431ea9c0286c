package load

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
)

// load fills in the packages of the outputs: first those that the current build configuration has, then the others,
// each in a configuration that has it.
func (l *loader) load(ctx context.Context, outputs []*output) error {
	left, err := l.loadFor(ctx, nil, outputs)
	for len(left) > 0 && err == nil {
		left, err = l.loadNext(ctx, left)
	}
	return err
}

// loadNext loads the first of the outputs, and those of the others that the same configuration has. It returns what
// is left to do.
func (l *loader) loadNext(ctx context.Context, outputs []*output) ([]*output, error) {
	first := outputs[0]
	p, found := platformFor(first.constraint, l.near())
	if !found {
		l.reportUnbuilt(first)
		return outputs[1:], nil
	}
	var matching, others []*output
	for _, o := range outputs {
		if p.matches(o.constraint) {
			matching = append(matching, o)
		} else {
			others = append(others, o)
		}
	}
	missing, err := l.loadFor(ctx, &p, matching)
	for _, o := range missing {
		l.reportUnbuilt(o)
	}
	return others, err
}

func (l *loader) reportUnbuilt(o *output) {
	l.report(o.pos(), "no build has this file, because of its constraint %q: move what is tracked to one that is built", o.key.constraint)
}

// near returns the current build configuration, as far as it can be told without asking the go command.
func (l *loader) near() platform {
	env := l.environment(nil)
	p := platform{
		system: cmp.Or(lookupEnv(env, "GOOS"), runtime.GOOS),
		arch:   cmp.Or(lookupEnv(env, "GOARCH"), runtime.GOARCH),
		cgo:    lookupEnv(env, "CGO_ENABLED") != "0",
	}
	for _, flag := range slices.Concat(strings.Fields(lookupEnv(env, "GOFLAGS")), l.config.BuildFlags) {
		if tags, ok := strings.CutPrefix(strings.TrimLeft(flag, "-"), "tags="); ok {
			p.tags = strings.Split(tags, ",") // a later flag takes the place of an earlier one
		}
	}
	return p
}

// lookupEnv returns the value of a variable, the last one where there are several.
func lookupEnv(env []string, name string) string {
	for _, pair := range slices.Backward(env) {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value
		}
	}
	return ""
}
