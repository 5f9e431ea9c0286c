package model

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
)

// declare reserves the name of a function's or method's wrapper.
func (p *planner) declare(c *call) {
	if c.owner == nil {
		p.declareNames(c.target, c.name)
		return
	}
	name := c.owner.Obj().Name() + "." + c.name
	if _, index, _ := types.LookupFieldOrMethod(types.NewPointer(c.owner), true, p.pkg.Types, c.name); len(index) == 1 {
		p.collision(name, c.target, "type "+c.owner.Obj().Name()+" has a field or method of that name")
	} else if other, ok := p.declared[name]; ok {
		p.collision(name, c.target, place(other)+" asks for it, too")
	}
	p.declares = append(p.declares, name)
}

// declareNames reserves names in the package's scope. Of several that are taken the first is reported.
func (p *planner) declareNames(target string, all ...string) {
	before := len(p.found)
	for _, name := range all {
		if len(p.found) == before {
			p.declareName(name, target)
		}
	}
}

func (p *planner) declareName(name, target string) {
	other, declared := p.declared[name]
	switch obj := p.inPackage(name); {
	case obj != nil:
		p.collision(name, target, place(p.position(obj.Pos()))+" declares that name")
	case declared:
		p.collision(name, target, place(other)+" asks for it, too")
	case name == "init":
		p.collision(name, target, "Go calls functions of that name itself")
	case types.Universe.Lookup(name) != nil:
		p.collision(name, target, "it would hide the predeclared "+name+" from this package")
	}
	p.declares = append(p.declares, name)
}

// inPackage finds what the package's sources declare, or one of its files imports, under a name. What stands in no
// source is a placeholder for what opikgen is about to write.
func (p *planner) inPackage(name string) types.Object {
	if obj := p.pkg.Types.Scope().Lookup(name); obj != nil && p.sourceFile(p.position(obj.Pos()).Filename) != nil {
		return obj
	}
	for _, file := range p.pkg.Files {
		if imports := p.importsAt(file); imports != nil && imports.Lookup(name) != nil {
			return imports.Lookup(name)
		}
	}
	return nil
}

// taken reports whether the package's scope has a name, or will have.
func (p *planner) taken(name string) bool {
	_, declared := p.declared[name]
	return declared || p.inPackage(name) != nil
}

func (p *planner) collision(name, target, why string) {
	p.report(p.site.Directive.Pos, "the wrapper of %s cannot be called %s: %s; choose another name with as=NAME", target, name, why)
}

// place is where something of the same package stands, without its folder.
func place(pos token.Position) string {
	return fmt.Sprintf("%s:%d", filepath.Base(pos.Filename), pos.Line)
}
