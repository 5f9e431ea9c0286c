package model

import (
	"go/token"
	"go/types"
	"maps"
	"strconv"
)

// names is a set of identifiers that are taken.
type names map[string]bool

// claim takes and returns what freeName makes of base.
func (n names) claim(base string) string {
	name := freeName(base, func(name string) bool { return n[name] })
	n[name] = true
	return name
}

// freeName returns base or, where that is taken, base with the first digit suffix from 2 that is not. It is the one
// rule by which opikgen avoids a collision.
func freeName(base string, taken func(name string) bool) string {
	name := base
	for i := 2; taken(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// with returns a copy that holds the others, too.
func (n names) with(others names) names {
	both := maps.Clone(n)
	maps.Copy(both, others)
	return both
}

// reserved returns what no name that opikgen makes up may hide: keywords, predeclared names and all that the package
// declares.
func reserved(pkg *types.Package) names {
	taken := names{"_": true}
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		taken[tok.String()] = true
	}
	for _, name := range types.Universe.Names() {
		taken[name] = true
	}
	for _, name := range pkg.Scope().Names() {
		taken[name] = true
	}
	return taken
}

// wrapperNames returns the type and the constructor of a wrapper for what is called base.
func wrapperNames(base string) (typeName, constructor string) {
	if token.IsExported(base) {
		return "Tracked" + base, "Track" + base
	}
	return "tracked" + upperFirst(base), "track" + upperFirst(base)
}
