package model

import (
	"go/types"
	"iter"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// isContextName reports whether obj is context.Context.
func isContextName(obj *types.TypeName) bool {
	return obj.Name() == "Context" && obj.Pkg() != nil && obj.Pkg().Path() == "context"
}

// contextOf finds the interface context.Context among the packages that the sites' declarations see, and returns nil
// where none of them imports package context, so that nothing can be one.
func contextOf(pkg *load.Package) types.Type {
	for seen := range reachable(pkg) {
		if obj := seen.Scope().Lookup("Context"); obj != nil && seen.Path() == "context" {
			return obj.Type()
		}
	}
	return nil
}

// reachable yields the packages that the declarations of a package see: its own, those of wrapped types, and what
// these import. A package that no declaration of its importer depends on is not read, so that nothing is in it: where
// another importer does depend on it, that one has the real one.
func reachable(pkg *load.Package) iter.Seq[*types.Package] {
	return func(yield func(*types.Package) bool) {
		queue := []*types.Package{pkg.Types}
		for _, site := range pkg.Sites {
			queue = append(queue, site.Object.Pkg())
		}
		seen := map[*types.Package]bool{nil: true}
		for ; len(queue) > 0; queue = queue[1:] {
			next := queue[0]
			if seen[next] {
				continue
			}
			seen[next] = true
			if next.Scope().Len() > 0 && !yield(next) {
				return
			}
			queue = append(queue, next.Imports()...)
		}
	}
}

// carrier says how a call gives its span a parent and passes the span on.
type carrier struct {
	param   *value // nil: there is none, and the span starts under context.Background
	request bool   // param is a *http.Request
	replace bool   // the callee can be given a context that carries the span
}

// findCarrier looks for a context by type, wherever it stands: first one that can be replaced, then a request, then
// one that can only be read because it is of a wider or of a concrete type.
func findCarrier(params []*value, context types.Type) carrier {
	found := carrier{}
	for _, param := range params {
		candidate := carrierOf(param, context)
		if candidate.rank() > found.rank() {
			found = candidate
		}
	}
	return found
}

func (c carrier) rank() int {
	switch {
	case c.param == nil:
		return 0
	case c.request:
		return 2
	case c.replace:
		return 3
	default:
		return 1
	}
}

func carrierOf(param *value, context types.Type) carrier {
	switch {
	case isRequest(param.typ):
		return carrier{param: param, request: true, replace: true}
	case context == nil || !implements(param.typ, context):
		return carrier{}
	default:
		return carrier{param: param, replace: types.AssignableTo(context, param.typ)}
	}
}

func implements(t, context types.Type) bool {
	return types.Implements(t, context.Underlying().(*types.Interface))
}

// isRequest reports whether t is *http.Request.
func isRequest(t types.Type) bool {
	pointer, ok := types.Unalias(t).(*types.Pointer)
	return ok && isDeclared(pointer.Elem(), "net/http", "Request")
}

// isDeclared reports whether t is the type path.name, under whatever alias.
func isDeclared(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}
