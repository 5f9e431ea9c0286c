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
// A line import=PATH lets expressions name a package besides that of the call.
//
// Folders of presets are layered: a file of a later folder stands in for one of the same name.
package preset

import (
	"slices"
	"strings"

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
	// is not known.
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

// NamesPackage reports whether an expression of a preset may name the package with that import path.
func (s *Set) NamesPackage(path string) bool {
	return slices.ContainsFunc(s.presets, func(p *Preset) bool {
		return slices.ContainsFunc(p.Imports, func(m Match) bool { return m.Covers(path) })
	})
}

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
