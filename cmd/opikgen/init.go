package main

import (
	"fmt"
	"io"
	"os"

	"github.com/opikgen/opikgen/generator"
)

// A step is what -init does about one file, and what it says about that.
type step struct {
	file generator.File
	says string
}

// runInit adopts opikgen in the current folder. It returns the exit code.
func runInit(stdout, stderr io.Writer) int {
	dir, err := os.Getwd()
	if err == nil {
		err = adopt(dir, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "opikgen: %v\n", err)
		return exitFailed
	}
	return exitFine
}

// adopt makes the module and the package in a folder ready for directives, and says what it did to w. It touches
// nothing where one of the two cannot be done.
func adopt(dir string, w io.Writer) error {
	module, err := readModule(dir)
	if err != nil {
		return err
	}
	required, err := module.require(ownVersion())
	if err != nil {
		return err
	}
	generated, err := planGenerate(dir)
	if err != nil {
		return err
	}
	if err := write([]generator.File{required.file, generated.file}, nil); err != nil {
		return err
	}
	fmt.Fprint(w, required.says, generated.says)
	if required.file.Stale() {
		fmt.Fprintf(w, "next: run %s\n", module.tidy())
	}
	if generated.file.Stale() {
		fmt.Fprint(w, nextSteps)
	}
	return nil
}

// nextSteps is what is left to do, and what a line of .gitattributes would be good for.
const nextSteps = `next: put //opik:track over what you want to trace, run go generate, and call the twins that it writes
hint: a line "opik_gen*.go linguist-generated=false" in .gitattributes lets GitHub show generated files in reviews
`
