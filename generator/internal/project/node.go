package project

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// parser collects what one file says.
type parser struct {
	file        *File
	path        string
	src         []byte
	lines       []int // the offsets of the lines as YAML counts them, which a carriage return alone ends, too
	diagnostics []directive.Diagnostic
}

var lineBreak = regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")

func newParser(path string, file *File, src []byte) *parser {
	p := &parser{file: file, path: path, src: src, lines: []int{0}}
	for _, end := range lineBreak.FindAllIndex(src, -1) {
		p.lines = append(p.lines, end[1])
	}
	return p
}

func (p *parser) report(pos token.Position, format string, args ...any) {
	p.diagnostics = append(p.diagnostics, directive.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// fault reports something that leaves open what the file asks for.
func (p *parser) fault(pos token.Position, format string, args ...any) {
	p.file.Faulty = true
	p.report(pos, format, args...)
}

// position returns where a node starts, inside its quotes.
func (p *parser) position(node *yaml.Node) token.Position {
	pos := p.at(node.Line, node.Column)
	if node.Kind == yaml.ScalarNode && node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		pos.Column++
		pos.Offset++
	}
	return pos
}

// at returns the place of a character, by YAML's count of lines and characters. Go's positions count bytes.
func (p *parser) at(line, column int) token.Position {
	offset := p.lines[min(max(line, 1), len(p.lines))-1]
	for rest := p.src[offset:]; column > 1 && len(rest) > 0; column-- {
		_, size := utf8.DecodeRune(rest)
		rest, offset = rest[size:], offset+size
	}
	before := p.src[:offset]
	return token.Position{
		Filename: p.path,
		Offset:   offset,
		Line:     1 + bytes.Count(before, []byte("\n")),
		Column:   offset - bytes.LastIndexByte(before, '\n'),
	}
}

// document returns the content of the file, or nil where there is none or it is no YAML.
func (p *parser) document() *yaml.Node {
	var document, further yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(p.src))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if decoder.Decode(&further) == nil {
			p.fault(p.position(&further), "a second document: everything stands in the first one")
		}
		return resolved(document.Content[0])
	}
	p.fault(p.at(lineOf(err), 1), "this is no YAML: %s", strings.TrimPrefix(lineText.ReplaceAllString(err.Error(), ""), "yaml: "))
	return nil
}

// lineText is how the YAML library says where something is wrong.
var lineText = regexp.MustCompile(`line (\d+): `)

func lineOf(err error) int {
	parts := lineText.FindStringSubmatch(err.Error())
	if parts == nil {
		return 1
	}
	line, _ := strconv.Atoi(parts[1])
	return line
}

// resolved follows an alias to what it stands for.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	pos   token.Position // of the key
	value *yaml.Node
}

// entries returns what a mapping holds, each key once. One that stands there again is reported.
func (p *parser) entries(mapping *yaml.Node) []entry {
	var all []entry
	lines := map[string]int{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		e := entry{key: key.Value, pos: p.position(key), value: resolved(mapping.Content[i+1])}
		if line, twice := lines[e.key]; twice {
			p.report(e.pos, "%s stands here twice, first on line %d: remove one", e.key, line)
			continue
		}
		lines[e.key] = e.pos.Line
		all = append(all, e)
	}
	return all
}

// text returns the value of a key of directives: that of a scalar, or of a list of them with commas in between. It is
// not ok where the node is neither.
func text(node *yaml.Node) (value string, ok bool) {
	if node.Kind == yaml.ScalarNode {
		return scalar(node), true
	}
	var elements []string
	for _, element := range node.Content {
		if element = resolved(element); element.Kind != yaml.ScalarNode {
			return "", false
		}
		elements = append(elements, scalar(element))
	}
	return strings.Join(elements, ","), node.Kind == yaml.SequenceNode
}

// scalar returns the text of a scalar as it stands in the file. Null has none.
func scalar(node *yaml.Node) string {
	if node.ShortTag() == "!!null" {
		return ""
	}
	return node.Value
}

// kind names the kind of a node for a message.
func kind(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if scalar(node) == "" {
		return "nothing"
	}
	return strconv.Quote(node.Value)
}
