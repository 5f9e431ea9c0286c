package load

import (
	"go/types"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/opikgen/opikgen/generator/internal/export"
)

// Cut knows what was left out of the packages of other modules when their export data was read: all that no
// declaration, directive or preset names. Reading a large SDK as a whole takes most of the time of a run.
//
// What looks for more has to ask here. It may get less than there is, but that is noted, and then the module has to be
// loaded whole: see [Module.Whole]. A Cut may be asked by several goroutines at a time. Nil left nothing out.
type Cut struct {
	from   []*export.Data  // of packages that are there in part
	whole  map[string]bool // the paths of those that were read as a whole
	told   sync.Map        // answers of tells, by question: it goes through all there is, and the same is asked for each wrapper
	missed atomic.Bool
}

type lookup struct{ path, name string }

// Lookup finds what a package declares under a name, or returns nil.
func (c *Cut) Lookup(pkg *types.Package, name string) types.Object {
	object := pkg.Scope().Lookup(name)
	if object == nil && c != nil && c.tells(lookup{pkg.Path(), name}) {
		c.Miss()
	}
	return object
}

// tells reports whether what is looked up is not there because it was left out.
func (c *Cut) tells(l lookup) bool {
	if known, ok := c.told.Load(l); ok {
		return known.(bool)
	}
	told := slices.ContainsFunc(c.from, func(d *export.Data) bool { return d.Tells(l.path, l.name) })
	c.told.Store(l, told)
	return told
}

// Scope returns all that a package declares.
func (c *Cut) Scope(pkg *types.Package) *types.Scope {
	if c.narrows(pkg) {
		c.Miss()
	}
	return pkg.Scope()
}

// narrows reports whether something may have been left out of a package.
func (c *Cut) narrows(pkg *types.Package) bool {
	return c != nil && !c.whole[pkg.Path()] && slices.ContainsFunc(c.from, func(d *export.Data) bool { return d.Holds(pkg.Path()) })
}

// Miss notes that something was looked for that may have been left out.
func (c *Cut) Miss() {
	if c != nil {
		c.missed.Store(true)
	}
}

func (c *Cut) hasMissed() bool { return c.missed.Load() }

// keepWhole notes that nothing is left out of a package.
func (c *Cut) keepWhole(path string) {
	switch {
	case c == nil:
	case c.whole == nil:
		c.whole = map[string]bool{path: true}
	default:
		c.whole[path] = true
	}
}
