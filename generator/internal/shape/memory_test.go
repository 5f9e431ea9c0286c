package shape_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// TestMemoryTellsCallsApart asks about calls that differ in one thing each, twice.
func TestMemoryTellsCallsApart(t *testing.T) {
	c := call(t, `
type I interface{ F(ctx context.Context, prompt string) (*Response, error) }
type Named interface{ I; Model() string }
`)
	variants := []func(*shape.Call){
		func(*shape.Call) {},
		func(c *shape.Call) { c.Name = "ListModels" },
		func(c *shape.Call) { c.Params[1].Name = "other" },
		func(c *shape.Call) { c.Params[1].Variadic = true },
		func(c *shape.Call) { c.Params[1].Type = c.Results[0].Type },
		func(c *shape.Call) { c.Results[0].Failure = true },
		func(c *shape.Call) { c.Results = c.Results[1:] },
		func(c *shape.Call) { c.Self = c.Package.Scope().Lookup("Named").Type() },
		func(c *shape.Call) { c.Self = c.Results[0].Type },
	}
	memory := shape.NewMemory()
	for i, change := range slices.Concat(variants, variants) {
		varied := *c
		varied.Params, varied.Results = slices.Clone(c.Params), slices.Clone(c.Results)
		change(&varied)
		for _, explicit := range []string{"", "llm", "tool"} {
			varied.Known = nil
			want := judge(&varied, explicit)
			varied.Known = memory
			assert.Equal(t, want, judge(&varied, explicit), "variant %d, type %q", i, explicit)
		}
	}
	known, asked := *c, *c
	known.Known = memory
	again := testing.AllocsPerRun(10, func() { judge(&known, "llm") })
	assert.Less(t, again, 0.2*testing.AllocsPerRun(10, func() { judge(&asked, "llm") }))
}
