package project

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// keys are those of the file.
var keys = []string{"templates", "packages", "wrap"}

// Parse reads the file's content. root is the folder that it is in.
func Parse(root string, src []byte) (*File, []directive.Diagnostic) {
	file := &File{Root: root}
	p := newParser(filepath.Join(root, FileName), file, src)
	if document := p.document(); document != nil {
		p.root(document)
	}
	return file, p.diagnostics
}

func (p *parser) root(document *yaml.Node) {
	if document.Kind == yaml.ScalarNode && scalar(document) == "" {
		return
	}
	if document.Kind != yaml.MappingNode {
		p.fault(p.position(document), "found %s: expected the keys %s", kind(document), strings.Join(keys, ", "))
		return
	}
	entries := p.entries(document)
	p.file.Faulty = len(p.diagnostics) > 0
	for _, e := range entries {
		switch e.key {
		case "templates":
			p.templates(e)
		case "packages":
			p.packages(e)
		case "wrap":
			p.wraps(e)
		default:
			p.fault(e.pos, "unknown key %q%s", e.key, suggestion(e.key, keys))
		}
	}
}

// suggestion completes a message about an unknown key.
func suggestion(misspelt string, known []string) string {
	if word, ok := directive.Nearest(misspelt, known); ok {
		return ": did you mean " + word + "?"
	}
	return ": the keys are " + strings.Join(known, ", ")
}

func (p *parser) templates(e entry) {
	if e.value.Kind != yaml.SequenceNode {
		p.fault(p.position(e.value), "templates: found %s: expected a list of folders, such as [./presets]", kind(e.value))
		return
	}
	for _, element := range e.value.Content {
		element = resolved(element)
		if element.Kind != yaml.ScalarNode || scalar(element) == "" {
			p.fault(p.position(element), "templates: found %s: expected a folder relative to this file", kind(element))
			continue
		}
		dir := filepath.FromSlash(element.Value)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(p.file.Root, dir)
		}
		p.file.Templates = append(p.file.Templates, Folder{Pos: p.position(element), Dir: dir})
	}
}

func (p *parser) packages(e entry) {
	if e.value.Kind != yaml.MappingNode {
		p.fault(p.position(e.value), "packages: found %s: expected patterns, each with keys of directives, such as ./...: {type: llm}", kind(e.value))
		return
	}
	before := len(p.diagnostics)
	entries := p.entries(e.value)
	p.file.Faulty = p.file.Faulty || len(p.diagnostics) > before
	for _, e := range entries {
		pattern, err := parsePattern(e.key)
		if err != nil {
			p.fault(e.pos, "%v", err)
		}
		p.file.packages = append(p.file.packages, defaults{pattern: pattern, directive: p.defaults(e)})
	}
}

// defaults reads what stands below one pattern.
func (p *parser) defaults(e entry) directive.Directive {
	before := len(p.diagnostics)
	d := directive.Directive{Pos: e.pos, Verb: directive.Track}
	if e.value.Kind != yaml.MappingNode {
		p.report(p.position(e.value), "%s: found %s: expected keys of directives, such as {type: llm}", e.key, kind(e.value))
		d.Faulty = true
		return d
	}
	for _, e := range p.entries(e.value) {
		if e.key == "as" {
			p.report(e.pos, "as: the wrappers of a package cannot all have one name: put it into the directive")
			continue
		}
		p.argument(&d, e)
	}
	d.Faulty = len(p.diagnostics) > before
	return d
}

// argument adds a key of directives with its value.
func (p *parser) argument(d *directive.Directive, e entry) {
	value, ok := text(e.value)
	first := e.value
	if e.value.Kind == yaml.SequenceNode && directive.IsKey(e.key) {
		ok = ok && directive.IsList(e.key)
		first = firstOf(e.value)
	}
	if !ok {
		p.report(p.position(e.value), "%s: found %s: expected %s", e.key, kind(e.value), expected(e.key))
		return
	}
	arg := directive.Arg{Pos: e.pos, Key: e.key, Value: value, ValuePos: p.position(first)}
	p.diagnostics = append(p.diagnostics, d.AddArg(arg)...)
}

func firstOf(list *yaml.Node) *yaml.Node {
	if len(list.Content) == 0 {
		return list
	}
	return list.Content[0]
}

// expected says what the value of a key is.
func expected(key string) string {
	if directive.IsList(key) {
		return "a list"
	}
	return "a single value"
}

func (p *parser) wraps(e entry) {
	const example = "{target: import/path.Type, package: ./folder, as: Name}"
	if e.value.Kind != yaml.SequenceNode {
		p.fault(p.position(e.value), "wrap: found %s: expected a list of %s", kind(e.value), example)
		return
	}
	for _, element := range e.value.Content {
		element = resolved(element)
		if element.Kind != yaml.MappingNode {
			p.report(p.position(element), "wrap: found %s: expected %s", kind(element), example)
			continue
		}
		if wrap := p.wrap(element); !wrap.Directive.Faulty {
			p.file.Wraps = append(p.file.Wraps, wrap)
		}
	}
}

// wrap reads one element of the list of wraps.
func (p *parser) wrap(element *yaml.Node) Wrap {
	before := len(p.diagnostics)
	wrap := Wrap{Directive: directive.Directive{Pos: p.position(element), Verb: directive.Wrap}}
	for _, e := range p.entries(element) {
		switch e.key {
		case "target":
			p.diagnostics = append(p.diagnostics, wrap.Directive.SetTarget(p.position(e.value), scalar(e.value))...)
		case "package":
			wrap.Dir = p.folder(e)
		default:
			p.wrapArgument(&wrap.Directive, e)
		}
	}
	if missing := wrap.missing(); missing != "" && len(p.diagnostics) == before {
		p.report(wrap.Directive.Pos, "the wrap is not complete: add %s", missing)
	}
	wrap.Directive.Faulty = len(p.diagnostics) > before
	return wrap
}

// missing returns the line that a wrap lacks, or nothing.
func (w Wrap) missing() string {
	_, name := w.Directive.TargetType()
	_, named := w.Directive.Get("as")
	switch {
	case w.Directive.Target == "":
		return "target: import/path.Type, the type to wrap"
	case w.Dir == "":
		return "package: ./folder, the package that gets the wrapper"
	case !named:
		return "as: " + name + ", the wrapper's name"
	}
	return ""
}

func (p *parser) wrapArgument(d *directive.Directive, e entry) {
	word, near := directive.Nearest(e.key, []string{"target", "package"}) // they stand beside the keys of directives
	switch {
	case near && !directive.IsKey(e.key):
		p.report(e.pos, "unknown key %q: did you mean %s?", e.key, word)
	case e.key == "type" && strings.Contains(e.value.Value, "."):
		p.report(e.pos, "type is that of the spans, such as llm: write target: %s", e.value.Value)
	default:
		p.argument(d, e)
	}
}

// folder reads the folder of the package that a wrapper is for.
func (p *parser) folder(e entry) string {
	pattern, err := parsePattern(e.value.Value)
	if err != nil || !pattern.local || pattern.below {
		p.report(p.position(e.value), "package: found %s: expected a folder of this module, such as ./internal/llm", kind(e.value))
		return ""
	}
	return filepath.Join(p.file.Root, filepath.FromSlash(pattern.path))
}
