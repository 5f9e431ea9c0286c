package model

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// position returns where something is, whatever a //line comment says.
func (b *builder) position(pos token.Pos) token.Position { return b.pkg.Fset.PositionFor(pos, false) }

// sourceFile returns the package's file of that name, or nil.
func (b *builder) sourceFile(name string) *ast.File {
	for _, file := range b.pkg.Files {
		if b.position(file.Package).Filename == name {
			return file
		}
	}
	return nil
}

func (p *planner) report(pos token.Position, format string, args ...any) {
	p.found = append(p.found, directive.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// reportArg reports a flaw in the value of an argument, at the column of what is wrong.
func (p *planner) reportArg(arg directive.Arg, found *flaw) {
	pos := arg.ValuePos
	if !pos.IsValid() {
		pos = arg.Pos // of a key alone
	}
	pos.Column += found.offset
	pos.Offset += found.offset
	p.report(pos, "%s: %s", arg.Key, found.message)
}
