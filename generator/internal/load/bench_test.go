package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// manyPackages is a module of n packages with some code in each; directive goes over one declaration of the first.
func manyPackages(n int, directive string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "-- p%d/a.go --\npackage p%d\n\nimport \"context\"\n\n", i, i)
		fmt.Fprintf(&b, "// I is an interface.\n//\n%s\ntype I interface{ M(ctx context.Context, s string) (int, error) }\n\n", directive)
		for j := range 50 {
			fmt.Fprintf(&b, "// F%d does something.\nfunc F%d(a, b string) string {\n\treturn a + b // and nothing else\n}\n\n", j, j)
		}
		directive = "//"
	}
	return b.String()
}

// BenchmarkScan loads a module of 50 packages without a directive: the price of running the tool for nothing.
func BenchmarkScan(b *testing.B) {
	benchmarkLoad(b, unpack(b, manyPackages(50, "//")))
}

// BenchmarkOnePackage loads a module in which one package of 50 has a directive. Nearly all of it is the go command.
func BenchmarkOnePackage(b *testing.B) {
	benchmarkLoad(b, unpack(b, manyPackages(50, "//opik:track")))
}

func benchmarkLoad(b *testing.B, dir string) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := load.Load(b.Context(), load.Config{Dir: dir, Patterns: []string{"./..."}}); err != nil {
			b.Fatal(err)
		}
	}
}
