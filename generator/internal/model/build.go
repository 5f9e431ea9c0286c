package model

import (
	"cmp"
	"go/token"
	"go/types"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/shape"
)

// Build decides what the generated file of pkg says. A directive that cannot be followed costs its own wrapper and
// is a diagnostic; everything else is in the file. The file is nil where nothing is left.
func Build(pkg *load.Package, defaults Defaults) (*File, []directive.Diagnostic) {
	b := newBuilder(pkg, defaults)
	for _, site := range pkg.Sites {
		b.site(site)
	}
	if len(b.drafts) == 0 {
		return nil, b.diagnostics
	}
	b.rewrap()
	b.addProviders()
	return b.file(), b.diagnostics
}

// builder collects what the sites of one package become.
type builder struct {
	pkg          *load.Package
	defaults     Defaults
	seen         []*types.Package // by the declarations; nil before it is needed
	standIn      *types.Package   // for the runtime; nil before it is needed
	declarations declarations
	data         dataRule
	memory       *Memory       // of the run
	judged       *shape.Memory // of calls with types of this package
	lengths      lengths
	spellings    spellings
	declared     map[string]token.Position // by the drafts: names, and "Type.Method"
	drafts       []draft
	diagnostics  []directive.Diagnostic
}

// draft is what one site becomes: a single call, or a wrapper with its calls.
type draft struct {
	call    *call
	wrapper *wrapper
}

func (d draft) calls() []*call {
	if d.wrapper != nil {
		return d.wrapper.calls
	}
	return []*call{d.call}
}

func newBuilder(pkg *load.Package, defaults Defaults) *builder {
	memory := cmp.Or(defaults.Memory, new(Memory))
	b := &builder{
		pkg:          pkg,
		defaults:     defaults,
		data:         newDataRule(contextOf(pkg), pkg.Module, memory),
		memory:       memory,
		judged:       shape.NewMemory(),
		declarations: methodDeclarations(pkg.Files),
		lengths:      newLengths(pkg),
		declared:     map[string]token.Position{},
	}
	b.spellings = spellings{builder: b, known: map[*types.TypeName]*types.TypeName{}}
	return b
}

// site plans one site, and keeps the draft if nothing speaks against it. What is wrong with a faulty directive has
// been reported where it was read.
func (b *builder) site(site *load.Site) {
	if isFaulty(site) || b.defaults.Project.Faulty {
		return
	}
	p := &planner{builder: b, site: site}
	planned := p.plan()
	b.diagnostics = append(b.diagnostics, p.found...)
	if len(p.found) > 0 || p.faulty {
		return
	}
	for _, name := range p.declares {
		b.declared[name] = site.Directive.Pos
	}
	b.drafts = append(b.drafts, planned)
}

func isFaulty(site *load.Site) bool {
	faulty := site.Directive.Faulty
	for _, member := range site.Members {
		faulty = faulty || member.Faulty
	}
	return faulty
}
