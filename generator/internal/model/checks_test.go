package model_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// TestChecksChangeNothing builds packages whose expressions look alike, and mean the same in some of them only.
func TestChecksChangeNothing(t *testing.T) {
	sources := []string{`
//opik:track metadata.first=parts[0]
func slice(parts []string) {}
`, `
//opik:track metadata.first=parts[0]
func array(parts [3]string) {}
`, `
//opik:track metadata.first=parts[0]
func again(parts []string, opik int) {}
`, `
func len() {}

//opik:track metadata.first=parts[0]
func hidden(parts []string) {}
`, `
type T struct{ parts *[]string }

//opik:track metadata.first=len(p.parts)
func field(p *T) {}
`, `
type T struct{ parts []string }

//opik:track metadata.first=len(p.parts) output.first=parts[0]
func result(p *T) (parts []string) { return nil }
`, `
import "net/http"

//opik:track metadata.status=resp.Status metadata.method=resp.Request.Method
func response() (*http.Response, error) { return nil, nil }

//opik:track metadata.status=resp.Status metadata.method=resp.Request.Method
func renamed(output, resp *http.Response) error { return nil }

//opik:wrap net/http.RoundTripper as=Transport metadata.method=resp.Request.Method
`}
	memory := new(model.Memory)
	for _, source := range slices.Concat(sources, sources) {
		pkg := loadSource(t, source)
		want, wanted := model.Build(pkg, model.Defaults{})
		got, found := model.Build(pkg, model.Defaults{Memory: memory})
		assert.Equal(t, wanted, found, source)
		if want == nil {
			assert.Nil(t, got, source)
			continue
		}
		assert.Equal(t, want.Decls, got.Decls, source)
		assert.Equal(t, want.Imports, got.Imports, source)
	}
}

// TestChecksSaveWork counts what a check that is known does not allocate.
func TestChecksSaveWork(t *testing.T) {
	pkg := loadSource(t, `
import "net/http"

//opik:track metadata.a=resp.Status metadata.b=resp.Proto metadata.c=resp.Request.Method metadata.d=resp.Header
func f() (resp *http.Response, err error) { return nil, nil }
`)
	memory := new(model.Memory)
	measure := func(defaults model.Defaults) float64 {
		return testing.AllocsPerRun(10, func() {
			file, _ := model.Build(pkg, defaults)
			require.NotNil(t, file)
		})
	}
	assert.Less(t, measure(model.Defaults{Memory: memory}), 0.8*measure(model.Defaults{}))
}
