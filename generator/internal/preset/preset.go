// Package preset reads what is known of other people's calls: where a provider's request and response hold the model,
// the messages and the token counts.
//
// A preset is a directive that somebody else wrote. It is a file NAME.preset of lines with the keys of directives, and
// of lines match=CALL that say which calls it is for:
//
//	# chat completions, of any major version
//	match=github.com/openai/openai-go/v*.(*ChatCompletionService).New
//	type=llm
//	model=resp.Model
//
// A line import=PATH lets expressions name a package besides that of the call. A line ignore, and no argument, says that the
// calls are handed on untracked.
//
// Folders of presets are layered: a file of a later folder stands in for one of the same name.
package preset

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// None is what switches presets off, and so is the name of none.
const None = "none"

// Preset is one preset.
type Preset struct {
	Name    string  // of its file, without the ending
	Matches []Match // none for a preset that is chosen by name only
	Imports []Match // packages that its expressions name; only their paths are set

	// Directive holds the arguments. It is faulty where a diagnostic is about the preset: then what its calls record
	// is not known. Its verb is Ignore where they are no steps of the work, and not tracked.
	Directive directive.Directive

	// Layer counts the folders: of two presets for one call the one of the later folder is taken.
	Layer int
}

// Set is all presets of a run. The zero value holds none.
type Set struct {
	layers  int
	presets []*Preset // by name
}

// All returns the presets by name.
func (s *Set) All() []*Preset { return s.presets }

// Get returns the preset of a name, or nil.
func (s *Set) Get(name string) *Preset {
	if i, ok := s.find(name); ok {
		return s.presets[i]
	}
	return nil
}

// Names returns the names of all presets, sorted.
func (s *Set) Names() []string {
	names := make([]string, len(s.presets))
	for i, p := range s.presets {
		names[i] = p.Name
	}
	return names
}

// For returns the presets that are chosen by their name, and those that are for a call in one of the packages. Where called
// is nil, any function or method may be: it returns all.
func (s *Set) For(packages []string, called func(name string) bool) []*Preset {
	if called == nil {
		return s.presets
	}
	var found []*Preset
	for _, p := range s.presets {
		if len(p.Matches) == 0 || p.isForAny(packages, called) {
			found = append(found, p)
		}
	}
	return found
}

// isForAny reports whether the preset may be for a call in one of the packages.
func (p *Preset) isForAny(packages []string, called func(name string) bool) bool {
	return slices.ContainsFunc(p.Matches, func(m Match) bool {
		return called(m.Name) && slices.ContainsFunc(packages, m.Covers)
	})
}

// Imported returns which of the import paths are those of packages that the preset's expressions name.
func (p *Preset) Imported(paths []string) []string {
	var found []string
	for _, m := range p.Imports {
		uncovered := func(path string) bool { return !m.Covers(path) }
		found = append(found, slices.DeleteFunc(slices.Clone(paths), uncovered)...)
	}
	return found
}

// Provider returns who runs the models that calls of the package with an import path reach, as the presets for them say. It
// returns nothing where none says so in a word, or two say something else.
func (s *Set) Provider(path string) string {
	provider := ""
	for _, p := range s.presets {
		said, ok := p.Directive.Get("provider")
		switch {
		case !ok || !slices.ContainsFunc(p.Matches, func(m Match) bool { return m.Covers(path) }):
		case !isProvider(said.Value) || provider != "" && provider != said.Value:
			return ""
		default:
			provider = said.Value
		}
	}
	return provider
}

// isProvider tells the name of a provider from an expression that has it.
func isProvider(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r != '-' && !isLetter(r) })
}

// Lookups returns the names that presets look up in the package with an import path: those of the types and functions
// whose calls they are for, as far as something of that name is called, and those that their expressions select of it.
func (s *Set) Lookups(path, pkg string, called func(name string) bool) []string {
	var names []string
	for _, p := range s.presets {
		owners := p.owners(path, called)
		names = append(names, owners...)
		if len(owners) > 0 || slices.ContainsFunc(p.Imports, func(m Match) bool { return m.Covers(path) }) {
			names = append(names, p.selected(pkg)...)
		}
	}
	return names
}

// owners returns the types and functions of a package whose calls the preset is for.
func (p *Preset) owners(path string, called func(name string) bool) []string {
	var names []string
	for _, m := range p.Matches {
		if called(m.Name) && m.Covers(path) {
			names = append(names, cmp.Or(m.Type, m.Name))
		}
	}
	return names
}

// selected returns what the preset's expressions select of a package, or of something else that has its name.
func (p *Preset) selected(pkg string) []string {
	var names []string
	for _, arg := range p.Directive.Args {
		for _, after := range strings.Split(arg.Value, pkg+".")[1:] {
			names = append(names, leadingName(after))
		}
	}
	return names
}

// leadingName returns the name that a text starts with, or nothing.
func leadingName(text string) string {
	return text[:len(text)-len(strings.TrimLeftFunc(text, isLetter))]
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// put adds a preset, in place of one with the same name.
func (s *Set) put(p *Preset) {
	i, found := s.find(p.Name)
	if found {
		s.presets[i] = p
		return
	}
	s.presets = slices.Insert(s.presets, i, p)
}

func (s *Set) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.presets, name, func(p *Preset, name string) int {
		return strings.Compare(p.Name, name)
	})
}
