package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/opikgen/opikgen/generator"
)

// manualHead and manualTail stand around the table of directive keys, which the grammar itself provides.
const manualHead = `opikgen writes typed wrappers that report calls of your Go code to Opik.

Usage:

  opikgen [flags] [packages]
  opikgen -init
  opikgen vet [-fix] [packages]

Packages are named as for the go command: . is the default, ./... is everything below, work all that is in a workspace.
Opikgen reads the directives in their sources and writes one opik_gen.go beside them. Review it and commit it.

  //go:generate go tool opikgen

  //opik:track
  func answer(ctx context.Context, question string) (string, error) { ... }

gives answerTracked, with the same signature, whose calls are spans. Call it in answer's place.

  //opik:track type=llm
  type Completer interface {
          Complete(ctx context.Context, req Request) (*Response, error)
  }

gives TrackCompleter, which wraps any Completer. A struct is tracked like an interface, a method like a function.
//opik:ignore over a method leaves it out. Getters, such as Name() string, are left out unless they have a directive of their own.
Wrappers of clients of models have WithProvider, by which the program says who runs the models: TrackChat(chat).WithProvider("azure").

Directive keys:

`

const manualTail = `
A value with spaces is quoted as in Go: name="two words". EXPR is a Go expression over the parameters' and results'
names; req and resp stand for the first captured parameter and the first result that is not an error. Of name, tags, model,
request_model and metadata.KEY, what names none of them is text: model=gpt-4o metadata.tier=gold. Several //opik:track
lines over one declaration add up. On a method the keys override those of its type.

Flags:

  -check     write nothing; name the files that are stale, missing or left over, and exit with 1 if there are any
  -diff      write nothing; print what would change as unified diffs, and exit with 1 if anything would
  -list      write nothing; print a table of what is tracked, which preset each call takes and why, and what is captured, and of what
             is left out and why
  -init      prepare the module and the package in the current directory: a tool line in go.mod, a go:generate line
             in a source; say what was added, and add nothing twice
  -templates DIR
             add the presets in DIR, files NAME.preset, to those that come with opikgen; may be given several times
  -v         say how packages were loaded, how long it took, and which files were written
  -version   print the version
  -h         print this manual

Vet runs go vet with opikgen's analyzer: it reports direct calls of functions whose twins should be called, tracked
functions without a context, and generated code that is stale. With -fix it calls the twins. opikgen vet -h says more.

A preset holds the keys for calls that other people own, one a line, with lines match=import/path.(*Type).Method that say
which calls; import/path/v* stands for any major version. It is for those methods, and for methods of your interfaces with
the same name and signature. Its expressions use the parameter names of the matched call. preset=NAME chooses one, also
for a function of yours with that signature, preset=none none; a DIR's file replaces one of the same name.

opikgen.yaml beside go.mod holds what is the same for many declarations, and wraps types without a directive:

  templates: [./presets]
  packages:
    ./...: {project_name: support, redact: [password]}
    ./internal/llm: {type: llm}
  wrap:
    - {target: net/http.RoundTripper, package: ./internal/web, as: Transport}

Key by key, a method's directive goes before its type's, that before opikgen.yaml, that before the preset.

Exit codes: 0 fine, 1 something is stale (-check, -diff) or reported (vet), 2 something is wrong: a directive, a signature, a flag, the
disk. What is wrong is printed as file:line:col and costs only its own wrapper; all others are written.

Asking the go command takes most of a run. What it says is kept in the user's cache folder, and the next run begins with it
while the go command is asked: if that says anything else, the run begins anew. OPIKGEN_CACHE is the path of another folder, or off.

Programs say where their traces go: OPIK_URL_OVERRIDE, OPIK_API_KEY, OPIK_WORKSPACE and OPIK_PROJECT_NAME, or
~/.opik.config; OPIK_SINK=console prints them in the terminal. See https://pkg.go.dev/github.com/opikgen/opikgen/runtime.
`

// manual is what -h prints.
func manual() string {
	var text strings.Builder
	text.WriteString(manualHead)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, key := range generator.Keys() {
		fmt.Fprintf(table, "  %s=%s\t%s\n", key.Name, key.Value, key.Doc)
	}
	_ = table.Flush() // a strings.Builder takes every write
	text.WriteString(manualTail)
	return text.String()
}
