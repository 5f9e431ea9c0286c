package model

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/preset"
)

// match returns how a preset is for a call, or nil if it is not: by one of its matches that is the very call, or else
// by one of the same signature. That has to have the same name, too, unless the preset is named.
func (p *planner) match(candidate *preset.Preset, c *call, named bool) *presetUse {
	best := new(presetUse)
	for _, m := range candidate.Matches {
		if m.Name != c.callee && !named {
			continue
		}
		for _, pkg := range covered(m, p.near(c)) {
			best = better(best, p.matchIn(pkg, m, c, named))
		}
	}
	if best.sdk == nil {
		return nil
	}
	best.preset = candidate
	return best
}

// covered returns the packages whose calls a match may mean.
func covered(m preset.Match, pkgs []*types.Package) []*types.Package {
	return slices.DeleteFunc(slices.Clone(pkgs), func(pkg *types.Package) bool { return !m.Covers(pkg.Path()) })
}

// better returns the first of two uses, unless only the other is of the very call, or one at all.
func better(first, other *presetUse) *presetUse {
	if other != nil && (first.sdk == nil || other.exact && !first.exact) {
		return other
	}
	return first
}

// matchIn compares a call with the one that a match means in a package.
func (p *planner) matchIn(pkg *types.Package, m preset.Match, c *call, named bool) *presetUse {
	sdk := lookupCall(p.pkg.Cut, pkg, m)
	full := pkg.Path() + strings.TrimPrefix(m.String(), m.Path)
	switch {
	case sdk == nil:
		return nil
	case sdk == c.fn.Origin():
		return &presetUse{sdk: sdk, exact: true, why: "is " + full}
	case !isTelling(c.sig, pkg):
		return nil
	case types.Identical(sdk.Signature(), c.sig), named && p.arguments(sdk.Signature(), c) != nil:
		return &presetUse{sdk: sdk, why: "has the signature of " + full}
	}
	return nil
}

// arguments returns the parameters of a call that are those of a signature, or nil if it is another one. A function that
// makes the call may leave out the options, and take the client besides.
func (p *planner) arguments(sdk *types.Signature, c *call) []*value {
	want := slices.Collect(sdk.Params().Variables())
	var found []*value
	for _, v := range c.params {
		switch {
		case len(found) < len(want) && types.Identical(v.typ, want[len(found)].Type()):
			found = append(found, v)
		case p.data.isData(v.typ):
			return nil
		}
	}
	whole := len(found) == len(want) || sdk.Variadic() && len(found) == len(want)-1
	if !whole || !types.Identical(sdk.Results(), c.sig.Results()) {
		return nil
	}
	return found
}

// lookupCall finds the function or method of a match in a package, promoted ones included.
func lookupCall(cut *load.Cut, pkg *types.Package, m preset.Match) *types.Func {
	if m.Type == "" {
		fn, _ := cut.Lookup(pkg, m.Name).(*types.Func)
		return fn
	}
	owner, ok := cut.Lookup(pkg, m.Type).(*types.TypeName)
	if !ok {
		return nil
	}
	method, _, _ := types.LookupFieldOrMethod(owner.Type(), true, pkg, m.Name)
	fn, _ := method.(*types.Func)
	return fn
}

// isTelling reports whether a signature says whose call it is, by a type from outside the standard library or from the
// neighbourhood of the call's package: many a method is called Call, and takes and returns a string.
func isTelling(sig *types.Signature, pkg *types.Package) bool {
	home, _, _ := strings.Cut(pkg.Path(), "/")
	for obj := range mentions(sig) {
		if obj.Pkg() == nil {
			continue
		}
		first, _, _ := strings.Cut(obj.Pkg().Path(), "/")
		if first == home || strings.Contains(first, ".") {
			return true
		}
	}
	return false
}

// near returns the packages that may have the call that a preset is for: that of the call itself, and those that the
// sites' types are from or that this package imports. Of what lies further off it depends on the other packages of a run
// how much is known.
func (p *planner) near(c *call) []*types.Package {
	near := []*types.Package{c.fn.Pkg()}
	for _, site := range p.pkg.Sites {
		near = append(near, site.Object.Pkg())
	}
	near = append(near, p.pkg.Types.Imports()...)
	seen := map[*types.Package]bool{nil: true}
	return slices.DeleteFunc(near, func(pkg *types.Package) bool {
		again := seen[pkg]
		seen[pkg] = true
		return again || pkg.Scope().Len() == 0
	})
}

// packages returns the packages that the sites' declarations see.
func (b *builder) packages() []*types.Package {
	if b.seen == nil {
		b.seen = slices.Collect(reachable(b.pkg))
	}
	return b.seen
}

// namedBy returns the packages that the expressions of a preset can name: that of the call, and those that it imports.
// Of two with one name the first has it.
func (p *planner) namedBy(use *presetUse) []*types.Package {
	all := []*types.Package{use.sdk.Pkg()}
	for _, imported := range use.preset.Imports {
		all = append(all, covered(imported, p.packages())...)
	}
	return slices.DeleteFunc(all, func(pkg *types.Package) bool { return pkg == p.pkg.Types })
}

// presetScope lets the expressions of a preset name the values of a call as the call that it was written for names
// them, and the package of that.
func (p *planner) presetScope(c *call, use *presetUse) *scope {
	sdk := use.sdk
	s := newScope(p.pkg.Types, nil, nil)
	s.imports = types.NewScope(nil, token.NoPos, token.NoPos, "")
	if sdk.Pkg().Name() != "opik" {
		s.runtime = p.runtime
	}
	for _, pkg := range p.namedBy(use) {
		s.imports.Insert(types.NewPkgName(token.NoPos, p.pkg.Types, pkg.Name(), pkg))
	}
	original := newCall(sdk.Signature())
	params := c.params
	if !use.exact {
		params = p.arguments(sdk.Signature(), c)
	}
	for i, v := range params {
		s.alias(original.params[i].key, v)
	}
	for i, v := range original.results {
		s.alias(v.key, c.results[i])
	}
	c.alias(s, p.data, nil)
	s.alias(receiverAlias, c.receiver())
	return s
}

// receiver is what the call is a method of: the receiver of a tracked method, or what a wrapper holds.
func (c *call) receiver() *value {
	if c.inner != nil {
		return c.inner
	}
	return c.recv
}
