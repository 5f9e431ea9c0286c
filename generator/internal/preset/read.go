package preset

import (
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

const ending = ".preset"

// Add reads the presets of a folder. They come before what the set holds: by their names, and where two are for one
// call. dir is what positions in diagnostics start with. Diagnostics are about the files; the error says that there
// are none.
func (s *Set) Add(dir string, fsys fs.FS) ([]directive.Diagnostic, error) {
	files, err := presetFiles(fsys)
	if err != nil {
		return nil, fmt.Errorf("reading the presets of %s: %w", dir, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no presets: a file NAME%s is expected", dir, ending)
	}
	s.layers++
	var diagnostics []directive.Diagnostic
	for _, name := range files {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading the presets of %s: %w", dir, err)
		}
		p, found := Parse(filepath.Join(dir, name), src)
		p.Layer = s.layers
		s.put(p)
		diagnostics = append(diagnostics, found...)
	}
	return diagnostics, nil
}

// presetFiles returns the names of the presets in a folder, sorted.
func presetFiles(fsys fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		err = failure.Err // the path in it is "."
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && strings.HasSuffix(name, ending) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Parse reads one preset. It reports everything that is wrong with it, at most one finding a line.
func Parse(file string, src []byte) (*Preset, []directive.Diagnostic) {
	name := strings.TrimSuffix(filepath.Base(file), ending)
	r := reader{preset: &Preset{Name: name, Directive: directive.Directive{
		Pos:  token.Position{Filename: file, Line: 1, Column: 1},
		Verb: directive.Track,
	}}}
	if name == None || name == "" {
		r.report(r.preset.Directive.Pos, "a preset cannot be called %q: preset=%s stands for no preset; rename the file", name, None)
	}
	text := string(src)
	about := strings.Count(text, "\n") - strings.Count(text, "\n#") // as many arguments, but for some matches
	r.preset.Directive.Args = make([]directive.Arg, 0, about)
	pos := r.preset.Directive.Pos
	for line := range strings.Lines(text) {
		r.line(pos, line)
		pos.Line++
		pos.Offset += len(line)
	}
	r.ignoreAlone()
	return r.preset, r.diagnostics
}

// ignoreLine is the line of a preset whose calls are no steps of the work. It stands for //opik:ignore.
const ignoreLine = "ignore"

// reader collects what the lines of one preset say.
type reader struct {
	preset      *Preset
	ignored     token.Position // of the line that says so; invalid where there is none
	diagnostics []directive.Diagnostic
}

func (r *reader) report(pos token.Position, format string, args ...any) {
	r.preset.Directive.Faulty = true
	r.diagnostics = append(r.diagnostics, directive.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// line reads one line that starts at pos.
func (r *reader) line(pos token.Position, text string) {
	trimmed := strings.TrimLeftFunc(text, isBlank)
	pos.Column += len(text) - len(trimmed)
	pos.Offset += len(text) - len(trimmed)
	trimmed = strings.TrimRightFunc(withoutComment(trimmed), isBlank)
	if trimmed == "" {
		return
	}
	key, value, _ := strings.Cut(trimmed, "=")
	switch key = strings.TrimSpace(key); {
	case key == "match":
		r.match(pos, value)
	case key == "import":
		r.importLine(pos, value)
	case trimmed == ignoreLine:
		r.preset.Directive.Verb = directive.Ignore
		r.ignored = pos
	case isMisspelt(key):
		r.report(pos, "unknown key %q: did you mean match?", key)
	default:
		r.arguments(pos, trimmed)
	}
}

// isBlank reports whether a character at the ends of a line is none of its content: white space, or the mark that some
// editors start a file with.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' }

// withoutComment cuts off what stands behind a # that is at the start or behind a blank, and in no string.
func withoutComment(text string) string {
	if !strings.Contains(text, "#") {
		return text
	}
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			quote = 0
		case c == '\\' && quote == '"':
			i++ // what it escapes
		case quote == 0 && (c == '"' || c == '`'):
			quote = c
		case quote == 0 && c == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t'):
			return text[:i]
		}
	}
	return text
}

// isMisspelt reports whether a key was meant to be match.
func isMisspelt(key string) bool {
	if directive.IsKey(key) {
		return false
	}
	_, near := directive.Nearest(key, []string{"match"})
	return near
}

// ignoreAlone refuses a preset that says what is recorded of calls of which nothing is.
func (r *reader) ignoreAlone() {
	if args := r.preset.Directive.Args; r.ignored.IsValid() && len(args) > 0 {
		r.report(r.ignored, "ignore leaves the calls untracked, so that there is nothing for %s to say: remove one of them", args[0].Key)
	}
}

func (r *reader) match(pos token.Position, value string) {
	m, err := parseMatch(strings.TrimSpace(value))
	if err != nil {
		r.report(pos, "%v", err)
		return
	}
	m.Pos = pos
	r.preset.Matches = append(r.preset.Matches, m)
}

// importLine reads the path of a package that the expressions name.
func (r *reader) importLine(pos token.Position, value string) {
	m := Match{Pos: pos, Path: strings.TrimSpace(value)}
	if err := checkPath(m.Path); err != nil {
		r.report(pos, "import: %v", err)
		return
	}
	r.preset.Imports = append(r.preset.Imports, m)
}

// arguments reads a line of directive arguments. A mistake makes what follows it on the line guesswork, so that the
// first finding is the only one.
func (r *reader) arguments(pos token.Position, text string) {
	d := &r.preset.Directive
	before := len(d.Args)
	if found := d.ReadArgs(pos, text); len(found) > 0 {
		r.diagnostics = append(r.diagnostics, found[0])
	}
	for _, arg := range d.Args[before:] {
		if arg.Key == "as" || arg.Key == "preset" {
			r.report(arg.Pos, "%s is for the directive over the call, not for a preset: remove it", arg.Key)
		}
	}
}
