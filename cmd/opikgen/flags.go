package main

import (
	"flag"
	"fmt"
	"io"
)

// flagValues is the command line, read.
type flagValues struct {
	check, diff, list bool
	init              bool
	verbose, version  bool
	templates         []string
	patterns          []string
}

// parse reads the command line. It returns flag.ErrHelp where the manual was asked for.
func parse(args []string) (*flagValues, error) {
	values := new(flagValues)
	set := flag.NewFlagSet("opikgen", flag.ContinueOnError)
	set.SetOutput(io.Discard) // run prints errors, once
	set.BoolVar(&values.check, "check", false, "")
	set.BoolVar(&values.diff, "diff", false, "")
	set.BoolVar(&values.list, "list", false, "")
	set.BoolVar(&values.init, "init", false, "")
	set.Func("templates", "", func(dir string) error {
		values.templates = append(values.templates, dir)
		return nil
	})
	set.BoolVar(&values.verbose, "v", false, "")
	set.BoolVar(&values.version, "version", false, "")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	values.patterns = set.Args()
	return values, values.conflict()
}

// conflict is the error of flags that ask for two outputs at once.
func (v *flagValues) conflict() error {
	var chosen []string
	for _, output := range []struct {
		name string
		set  bool
	}{{"-check", v.check}, {"-diff", v.diff}, {"-list", v.list}, {"-init", v.init}} {
		if output.set {
			chosen = append(chosen, output.name)
		}
	}
	if len(chosen) > 1 {
		return fmt.Errorf("%s and %s ask for different outputs: give one of them", chosen[0], chosen[1])
	}
	if v.init && len(v.patterns) > 0 {
		return fmt.Errorf("-init is about the package in the current directory: run it there, without %s", v.patterns[0])
	}
	return nil
}

// logf returns a function that prints to w under -v, and nil without it.
func (v *flagValues) logf(w io.Writer) func(format string, args ...any) {
	if !v.verbose {
		return nil
	}
	return func(format string, args ...any) { fmt.Fprintf(w, "opikgen: "+format+"\n", args...) }
}
