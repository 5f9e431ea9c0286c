package preset

import (
	"fmt"
	"go/token"
	"strings"
	"unicode"
)

// Match is one call that a preset is for.
type Match struct {
	Pos  token.Position // of the line
	Path string         // the import path; an element v* is any major version, or none
	Type string         // whose method is called; empty for a function
	Name string         // of the method or function
}

// anyMajor is the element of a path that stands for any major version.
const anyMajor = "v*"

// String writes the match without the star of the receiver, which makes no difference.
func (m Match) String() string {
	if m.Type == "" {
		return m.Path + "." + m.Name
	}
	return m.Path + "." + m.Type + "." + m.Name
}

// Covers reports whether the call may be of the package with that import path.
func (m Match) Covers(path string) bool {
	return covers(m.Path, path)
}

// covers compares element by element. Nothing is left where one of them is empty.
func covers(pattern, path string) bool {
	if pattern == "" || path == "" {
		return pattern == path || pattern == anyMajor
	}
	wanted, others, _ := strings.Cut(pattern, "/")
	if wanted == anyMajor && covers(others, path) {
		return true
	}
	element, rest, _ := strings.Cut(path, "/")
	return coversElement(wanted, element) && covers(others, rest)
}

func coversElement(pattern, element string) bool {
	return pattern == element || pattern == anyMajor && isMajor(element)
}

// isMajor reports whether an element of a path is a major version, such as v3.
func isMajor(element string) bool {
	digits, ok := strings.CutPrefix(element, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// parseMatch reads the value of a match line.
func parseMatch(text string) (Match, error) {
	m, ok := splitCall(text)
	switch {
	case !ok:
		return m, fmt.Errorf("match=%s names no call: write import/path.(*Type).Method, import/path.Interface.Method or import/path.Func", text)
	case !isExported(m.Name) || m.Type != "" && !isExported(m.Type):
		return m, fmt.Errorf("match=%s names something that is not exported, which nothing outside its package can call", text)
	}
	return m, checkPath(m.Path)
}

// splitCall takes a call apart: the path ends where the last one or two exported names begin.
func splitCall(text string) (m Match, ok bool) {
	if path, rest, pointer := strings.Cut(text, ".(*"); pointer {
		typ, name, closed := strings.Cut(rest, ").")
		return Match{Path: path, Type: typ, Name: name}, closed && token.IsIdentifier(typ) && token.IsIdentifier(name)
	}
	path, name, _ := cutLast(text)
	if outer, typ, ok := cutLast(path); ok && isExported(typ) {
		return Match{Path: outer, Type: typ, Name: name}, token.IsIdentifier(name)
	}
	return Match{Path: path, Name: name}, path != "" && token.IsIdentifier(name)
}

// cutLast cuts at the last dot behind the last slash.
func cutLast(text string) (before, after string, ok bool) {
	dot := strings.LastIndexByte(text, '.')
	if dot <= strings.LastIndexByte(text, '/') {
		return text, "", false
	}
	return text[:dot], text[dot+1:], true
}

func isExported(name string) bool { return token.IsExported(name) && token.IsIdentifier(name) }

func checkPath(path string) error {
	for element := range strings.SplitSeq(path, "/") {
		switch {
		case element == "" || strings.ContainsFunc(element, unicode.IsSpace) || strings.ContainsAny(element, "\"'`()[]{}\\="):
			return fmt.Errorf("%q is no import path", path)
		case strings.Contains(element, "*") && element != anyMajor:
			return fmt.Errorf("%s: a star in a path stands for a major version: write it as the element %s", path, anyMajor)
		}
	}
	return nil
}
