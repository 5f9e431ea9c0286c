package load

import (
	"fmt"
	"go/ast"
	"go/types"
	"path/filepath"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// siteBuilder makes the sites of the outputs that one unit has. It looks at all sources of the unit, as a directive
// in one may belong to a type in another.
type siteBuilder struct {
	*loader
	list     listing
	universe *universe
	unit     *unit
	outputs  map[*output]bool // that are being built
	owners   map[string]*Site // of the tracked types, by name; nil where the type cannot be tracked
}

// spot is one directive with the file it is in.
type spot struct {
	directive.Placed
	source *source
}

// build makes the sites from the directives of the sources: those of types first, because directives over methods may
// belong to them.
func (b *siteBuilder) build(sources []*source) {
	var spots []spot
	for _, s := range sources {
		for _, p := range s.placed {
			spots = append(spots, spot{p, s})
		}
	}
	for _, s := range spots {
		if spec, ok := s.Node.(*ast.TypeSpec); ok {
			b.owners[spec.Name.Name] = b.typeSite(s, spec)
		}
	}
	for _, s := range spots {
		b.otherSite(s)
	}
}

func (b *siteBuilder) otherSite(s spot) {
	switch node := s.Node.(type) {
	case nil:
		if b.outputs[s.source.output] {
			b.target(s)
		}
	case *ast.Field:
		b.interfaceMethod(s, node)
	case *ast.FuncDecl:
		b.function(s, node)
	}
}

// add adds a site to the output of its source.
func (b *siteBuilder) add(s spot, site *Site) {
	site.Directive, site.File = s.Directive, s.source.file
	if s.Node != nil {
		site.Node, site.Doc = s.Node, s.Doc
	}
	if site.Kind == Struct || site.Kind == Wrap {
		site.structs = b.structsOf(site.Object)
	}
	if object, ok := site.Object.(*types.TypeName); ok {
		b.addEmbeddedDocs(site, object)
	}
	s.source.output.pkg.Sites = append(s.source.output.pkg.Sites, site)
}

// refuse reports that a directive has no effect, and why.
func (b *siteBuilder) refuse(s spot, format string, args ...any) {
	b.report(s.Pos, "//opik:%s %s", s.Verb, fmt.Sprintf(format, args...))
}

// typeSite returns the site of a type of this package, or nil where there is none. It adds it unless the type's
// output was built with an earlier configuration.
func (b *siteBuilder) typeSite(s spot, spec *ast.TypeSpec) *Site {
	if !b.outputs[s.source.output] {
		return s.source.output.siteOf(spec)
	}
	site, fault := b.declaredType(spec)
	if s.Verb == directive.Ignore {
		fault = "of which nothing would be generated anyway: remove it"
	}
	if fault != "" {
		b.refuse(s, "stands over type %s, %s", spec.Name.Name, fault)
		return nil
	}
	b.add(s, site)
	return site
}

// siteOf returns the site of a declaration, or nil where the output has none.
func (o *output) siteOf(node ast.Node) *Site {
	if o == nil || o.pkg == nil {
		return nil
	}
	for _, site := range o.pkg.Sites {
		if site.Node == node {
			return site
		}
	}
	return nil
}

// declaredType makes the site of a type, or says what keeps it from being tracked.
func (b *siteBuilder) declaredType(spec *ast.TypeSpec) (site *Site, fault string) {
	object, ok := b.unit.info.Defs[spec.Name].(*types.TypeName)
	if !ok || spec.Name.Name == "_" {
		return nil, "which nothing can refer to: give it a name of its own"
	}
	switch underlying := object.Type().Underlying().(type) {
	case *types.Interface:
		return &Site{Kind: Interface, Object: object}, ""
	case *types.Struct:
		return &Site{Kind: Struct, Object: object}, ""
	default:
		return nil, fmt.Sprintf("which is neither an interface nor a struct but %s: put it over its methods", underlying)
	}
}

// function adds the site of a function or method, unless the directive belongs to the receiver's type.
func (b *siteBuilder) function(s spot, decl *ast.FuncDecl) {
	if decl.Recv != nil && b.isMember(s, decl) || !b.outputs[s.source.output] {
		return
	}
	name := decl.Name.Name
	if s.Verb == directive.Ignore {
		b.refuse(s, "stands over func %s, which no directive tracks: remove it, or put //opik:track over the receiver's type", name)
		return
	}
	object, ok := b.unit.info.Defs[decl.Name].(*types.Func)
	if !ok || name == "_" || name == "init" && decl.Recv == nil {
		b.refuse(s, "stands over func %s, which nothing can call: give it a name of its own", name)
		return
	}
	kind := Func
	if decl.Recv != nil {
		kind = Method
	}
	b.add(s, &Site{Kind: kind, Object: object})
}

// isMember reports whether a method's directive belongs to the receiver's type, and adds it there. For methods that
// are not exported that is not so: the wrapper of a struct does not have them.
func (b *siteBuilder) isMember(s spot, decl *ast.FuncDecl) bool {
	receiver := receiverName(decl)
	if receiver == nil || s.Verb == directive.Track && !decl.Name.IsExported() {
		return false
	}
	owner, tracked := b.owners[receiver.Name]
	if owner != nil {
		b.addMember(owner, decl.Name.Name, s)
	}
	return tracked
}

// interfaceMethod adds a directive inside an interface to the site of that.
func (b *siteBuilder) interfaceMethod(s spot, field *ast.Field) {
	name := s.Owner.Name.Name
	owner, tracked := b.owners[name]
	if owner != nil {
		b.addMember(owner, field.Names[0].Name, s)
	} else if !tracked && b.outputs[s.source.output] {
		b.refuse(s, "stands over a method of %s, which no directive tracks: put //opik:track over the interface", name)
	}
}

// addMember adds the directive over a method to the site of its type. A method that each platform declares for itself
// may have it over each of them.
func (b *siteBuilder) addMember(owner *Site, method string, s spot) {
	earlier, twice := owner.Members[method]
	if twice && earlier.String() != s.String() {
		b.refuse(s, "stands over a method that has another directive in line %d of %s: keep one of them",
			earlier.Pos.Line, filepath.Base(earlier.Pos.Filename))
		return
	}
	if !twice {
		owner.setMember(method, s.Directive)
	}
}

func (s *Site) setMember(method string, d directive.Directive) {
	if s.Members == nil {
		s.Members = make(map[string]directive.Directive)
	}
	s.Members[method] = d
}
