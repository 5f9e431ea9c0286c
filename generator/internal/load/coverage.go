package load

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// checkMethods looks for methods of structs that are not the same on all platforms that the wrapper is for, which the
// types, being one platform's, do not tell. The wrapper is made without them. Those that the struct declares itself are
// reported, unless a directive says to ignore them.
func (l *loader) checkMethods(outputs []*output) error {
	folders := make(map[structFolder][]platformMethod)
	for _, o := range outputs {
		if o.pkg == nil {
			continue
		}
		for _, site := range o.pkg.Sites {
			if err := l.checkSite(o, site, folders); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSite checks the methods of a struct and of those that it embeds.
func (l *loader) checkSite(o *output, site *Site, folders map[structFolder][]platformMethod) error {
	for _, s := range site.structs {
		methods, err := methodsOf(folders, structFolder{s.dir, o.key.test})
		if err != nil {
			return err
		}
		l.checkStruct(o, site, s, methods)
	}
	site.settleMembers()
	return nil
}

// structFolder is where the methods of structs are declared.
type structFolder struct {
	dir   string
	tests bool
}

func methodsOf(folders map[structFolder][]platformMethod, f structFolder) (methods []platformMethod, err error) {
	methods, known := folders[f]
	if !known {
		methods, err = platformMethods(f.dir, f.tests)
		folders[f] = methods
	}
	return methods, err
}

// checkStruct checks the methods that a struct has from itself or from one that it embeds.
func (l *loader) checkStruct(o *output, site *Site, s structType, methods []platformMethod) {
	byName := make(map[string][]platformMethod)
	for _, m := range methods {
		if m.receiver == s.object.Name() {
			byName[m.name] = append(byName[m.name], m)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		fault := platformFault(o.constraint, byName[name])
		if fault == "" || !s.gives(site, name) {
			continue
		}
		site.LeftOut = append(site.LeftOut, name)
		if site.Kind == Struct && s.object == site.Object && site.Members[name].Verb != directive.Ignore {
			l.report(site.Directive.Pos, "type %s cannot be wrapped with its method %s: %s; put //opik:ignore over the method, or track it alone",
				site.Object.Name(), name, fault)
		}
	}
}

// settleMembers drops the directives over methods that the wrapper will not have.
func (s *Site) settleMembers() {
	slices.Sort(s.LeftOut)
	s.LeftOut = slices.Compact(s.LeftOut)
	for _, name := range s.LeftOut {
		delete(s.Members, name)
	}
	if s.Kind == Struct {
		maps.DeleteFunc(s.Members, func(name string, _ directive.Directive) bool { return !hasMethod(s.Object, name) })
	}
}

// hasMethod reports whether the type of an object has a method on the platform that is loaded.
func hasMethod(object types.Object, name string) bool {
	found, _, _ := types.LookupFieldOrMethod(object.Type(), true, object.Pkg(), name)
	_, ok := found.(*types.Func)
	return ok
}

// platformMethod is an exported method that is declared in a file under a constraint.
type platformMethod struct {
	receiver, name string
	signature      string // as it is written
	file           string
	constraint     constraint.Expr
}

// platformFault says what keeps declarations of one method from being the same on all platforms that x selects.
func platformFault(x constraint.Expr, methods []platformMethod) string {
	first := methods[0]
	constraints := make([]constraint.Expr, len(methods))
	for i, m := range methods {
		if m.signature != first.signature {
			return fmt.Sprintf("%s and %s declare it differently", first.file, m.file)
		}
		constraints[i] = m.constraint
	}
	if covers(constraints, x) {
		return ""
	}
	return fmt.Sprintf("it is declared in %s, which is not part of every build", first.file)
}

// covers reports whether each platform that x selects is selected by one of the constraints, too.
func covers(constraints []constraint.Expr, x constraint.Expr) bool {
	either := constraints[0]
	for _, c := range constraints[1:] {
		either = &constraint.OrExpr{X: either, Y: c}
	}
	all := either
	if x != nil {
		all = &constraint.OrExpr{X: either, Y: x}
	}
	for _, tags := range tagSets(all) {
		for _, candidate := range everywhere(nil) {
			if p := candidate.with(tags); p.matches(x) && !p.matches(either) {
				return false
			}
		}
	}
	return true
}

// platformMethods finds the methods that a folder's files under constraints declare, those for platforms other than
// the one that is loaded included.
func platformMethods(dir string, tests bool) ([]platformMethod, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for methods of other platforms: %w", err)
	}
	var methods []platformMethod
	for _, entry := range entries {
		base := entry.Name()
		if _, test := nameTags(base); entry.IsDir() || !isGoFile(base) || test && !tests {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, base))
		if err != nil {
			return nil, fmt.Errorf("looking for methods of other platforms: %w", err)
		}
		methods = append(methods, methodsIn(base, src)...)
	}
	return methods, nil
}

// methodsIn finds the methods that a file declares if it is under a constraint.
func methodsIn(base string, src []byte) []platformMethod {
	if !mayHaveConstraint(base, src) || isOutput(base, src) {
		return nil
	}
	// What does not parse here is no part of the platform that is loaded, where it would have been reported.
	file, err := parser.ParseFile(token.NewFileSet(), base, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	x := constraintOf(base, file)
	if x == nil {
		return nil
	}
	var methods []platformMethod
	for _, decl := range file.Decls {
		method, ok := decl.(*ast.FuncDecl)
		if !ok || method.Recv == nil || !method.Name.IsExported() {
			continue
		}
		if receiver := receiverName(method); receiver != nil {
			methods = append(methods, platformMethod{
				receiver:   receiver.Name,
				name:       method.Name.Name,
				signature:  types.ExprString(method.Type),
				file:       base,
				constraint: x,
			})
		}
	}
	return methods
}

func mayHaveConstraint(base string, src []byte) bool {
	tags, _ := nameTags(base)
	return len(tags) > 0 || bytes.Contains(src, []byte("//go:build")) || bytes.Contains(src, []byte(`import "C"`))
}
