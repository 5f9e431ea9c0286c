package directive

import "go/token"

// IsKey reports whether the table has a row for a key such as "type" or "usage.total_tokens".
func IsKey(name string) bool {
	_, known := lookup(name)
	return known
}

// IsList reports whether the value of a key has elements with commas between them.
func IsList(name string) bool {
	key, _ := lookup(name)
	return key.form == list
}

// ReadArgs adds the arguments on one line of a file that holds nothing else, with neither a comment sign nor a verb in
// front of them. The line starts at pos, and is read as if it stood behind the verb.
func (d *Directive) ReadArgs(pos token.Position, text string) []Diagnostic {
	var p parser
	words, fault := line{text: text, pos: pos}.words(make([]word, 0, 1), 0)
	if fault != nil {
		p.fault(d, fault.Pos, fault.Message)
	}
	p.arguments(d, words)
	return p.diagnostics
}

// AddArg adds an argument that was taken apart elsewhere, as in a file of another format. It is checked as if it were
// written in the source.
func (d *Directive) AddArg(arg Arg) []Diagnostic {
	var p parser
	p.argument(d, word{pos: arg.Pos, key: arg.Key, value: arg.Value, valuePos: arg.ValuePos, assigned: true})
	return p.diagnostics
}

// SetTarget sets the type that a [Wrap] directive is about, import/path.Type.
func (d *Directive) SetTarget(pos token.Position, target string) []Diagnostic {
	var p parser
	if fault := faultyTarget(target); fault != "" {
		p.fault(d, pos, fault)
		return p.diagnostics
	}
	d.Target = target
	return nil
}
