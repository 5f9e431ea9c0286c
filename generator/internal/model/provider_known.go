package model

import (
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/shape"
)

// knownProvider returns the provider of a call of a model that no preset is for (R16): that of the SDK whose types it takes
// or returns, where all presets for the SDK name the same one, and no type is of another's.
func (p *planner) knownProvider(c *call, described *shape.Call) []directive.Arg {
	var provider, from string
	for _, path := range exchanged(described) {
		switch found := p.defaults.Presets.Provider(path); {
		case found == "" || found == provider:
		case provider != "":
			return nil
		default:
			provider, from = found, path
		}
	}
	if provider == "" {
		return nil
	}
	c.span.shape = strings.TrimPrefix(c.span.shape+", R16 "+provider+" as in the presets for "+from, ", ")
	return []directive.Arg{{Key: providerCapture.key, Value: strconv.Quote(provider)}}
}

// exchanged returns the paths of the packages whose types a call is asked with and answered: those of parameters that are
// data, of results, and of the elements of streams. A client among the parameters may be asked something else altogether.
func exchanged(c *shape.Call) []string {
	var all []types.Type
	for _, param := range c.Params {
		if c.Data(param.Type) {
			all = append(all, param.Type)
		}
	}
	for _, result := range c.Results {
		all = append(all, result.Type)
	}
	for _, s := range c.Streams() {
		all = append(all, s.Elem)
	}
	var paths []string
	for _, t := range all {
		paths = append(paths, homes(t)...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// homes returns the paths of the packages that declare the types in the spelling of t, and in that of what aliases stand for.
func homes(t types.Type) []string {
	var paths []string
	for obj := range mentions(t) {
		name, ok := obj.(*types.TypeName)
		switch {
		case !ok || name.Pkg() == nil:
		case name.IsAlias():
			paths = append(paths, homes(types.Unalias(name.Type()))...)
		default:
			paths = append(paths, name.Pkg().Path())
		}
	}
	return paths
}
