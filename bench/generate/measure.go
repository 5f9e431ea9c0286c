package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A command is one process.
type command struct {
	dir  string
	args []string
	env  []string // besides that of this process
}

// A measurement is what one or several processes took, all that they started included.
type measurement struct {
	wall, cpu time.Duration
	peak      int64 // bytes, of the largest process
}

// execute runs a command to its end.
func execute(ctx context.Context, c command) (measurement, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return measurement{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, stderr.Bytes())
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return measurement{
		wall: time.Since(start),
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak: used.Maxrss << 10,
	}, nil
}

// executeAll runs commands one after another.
func executeAll(ctx context.Context, commands []command, env ...string) (measurement, error) {
	var sum measurement
	for _, c := range commands {
		c.env = env
		m, err := execute(ctx, c)
		if err != nil {
			return measurement{}, err
		}
		sum = measurement{wall: sum.wall + m.wall, cpu: sum.cpu + m.cpu, peak: max(sum.peak, m.peak)}
	}
	return sum, nil
}

// median is taken of each figure on its own.
func median(measured []measurement) measurement {
	return measurement{
		wall: middle(measured, func(m measurement) time.Duration { return m.wall }),
		cpu:  middle(measured, func(m measurement) time.Duration { return m.cpu }),
		peak: middle(measured, func(m measurement) int64 { return m.peak }),
	}
}

func middle[T cmp.Ordered](measured []measurement, figure func(measurement) T) T {
	var figures []T
	for _, m := range measured {
		figures = append(figures, figure(m))
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}
