package load_test

import (
	"fmt"
	"go/types"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// declarations prints the declarations of a package, each with the methods of its type and of a pointer to it.
func declarations(pkg *types.Package, exportedOnly bool) []string {
	qualify := func(p *types.Package) string { return p.Path() }
	var lines []string
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if exportedOnly && !object.Exported() {
			continue
		}
		line := types.ObjectString(object, qualify)
		if constant, ok := object.(*types.Const); ok {
			line += " = " + constant.Val().ExactString()
		}
		lines = append(lines, line)
		if typeName, ok := object.(*types.TypeName); ok {
			lines = append(lines, methods(typeName.Type(), qualify)...)
			lines = append(lines, methods(types.NewPointer(typeName.Type()), qualify)...)
		}
	}
	return lines
}

func methods(typ types.Type, qualify types.Qualifier) []string {
	var lines []string
	for selection := range types.NewMethodSet(typ).Methods() {
		lines = append(lines, "\t"+types.SelectionString(selection, qualify)+fmt.Sprint(selection.Index()))
	}
	return lines
}

// compiled returns the declarations of packages as go/packages has them: from source, bodies included, with what they
// import from export data.
func compiled(t *testing.T, dir string, exportedOnly bool, paths ...string) map[string][]string {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: dir}, paths...)
	require.NoError(t, err)
	want := make(map[string][]string)
	for _, pkg := range pkgs {
		require.Empty(t, pkg.Errors)
		want[pkg.PkgPath] = declarations(pkg.Types, exportedOnly)
	}
	return want
}

// odd is a package whose declarations depend on each other in ways that are easy to cut by mistake.
const odd = `
import (
	"context"
	"errors"
	"io"
	. "iter"
	str "strings"
	_ "embed"
	"bufio"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	Zero = iota
	hidden
	Two
	_
	Four = len(table) + iota
)

const Size = unsafe.Sizeof(word{})

var table = [...]string{0: "a", 7: "b"}

type word struct{ a, b uint32 }

type Sized [len(table)]int

type Timed [hidden + int(time.Second/time.Second)]byte

var (
	Inferred        = build(table[:])
	A, B            = pair()
	Typed    error  = errors.New(str.Repeat("x", 3))
	Client          = &bufio.ReadWriter{Reader: wait}
	Func            = func(w *bufio.Writer) error { return undefinedInBody(w) }
	Map             = map[string]made{"x": {n: 1}}
	Elements        = [...]int{1, 2, 3}
	Conv            = bufio.SplitFunc(nil)
	Nested          = struct{ made }{}
	wait            = bufio.NewReader(nil)
	unused          = compute()
	Received        = <-channel
	channel         chan *made
)

type made struct {
	n int
	embedded
	*Pointer
}

type embedded struct{}

func (embedded) Promoted() io.Reader { return nil }

type Pointer struct{ counter atomic.Int64 }

func (p *Pointer) OnPointer(context.Context) (result Seq[string]) { return nil }

func (p Pointer) hiddenMethod() {}

func build(s []string) *made { return nil }

func pair() (io.Writer, map[string]Timed) { return nil, nil }

func compute() Seq2[int, error] { return nil }

func undefinedInBody(*bufio.Writer) error { return nil }

func init() {}

type Constraint interface {
	~int | ~string
	comparable
}

type Generic[K Constraint, V any] struct {
	inner map[K]V
	list  *node[V]
}

type node[T any] struct {
	next *node[T]
	item T
}

func (n *node[T]) Next() *node[T] { return n.next }

func (g *Generic[K, V]) All() Seq2[K, *node[V]] { return nil }

func (*Generic[_, V]) Blank(_ V, _ ...V) {}

type Recursive[T interface{ Less(T) bool }] interface{ Self() Recursive[T] }

type (
	Alias          = Generic[string, made]
	AliasOf[T any] = []Generic[string, T]
	Shadow         interface {
		io.ReadCloser
		error
		interface{ Extra(str str.Builder) }
		Recursive[Ordered]
	}
	Ordered struct{ Shadow }
)

func (Ordered) Less(Ordered) bool { return false }

type Callback func(next Callback) (again func() Callback)

type Channels struct {
	In   chan<- (<-chan Callback)
	Anon struct{ X, y int "tag" }
	Arr  [Four][]map[int]*[2]func(...Alias)
}

func Outer(bufio string, w interface{ Header() (h Sized) }) (context, error interface{}) { return nil, nil }
`

func TestLeanDeclarationsAreComplete(t *testing.T) {
	dir := unpack(t, "-- odd/odd.go --\npackage odd\n"+odd+"-- dep/dep.go --\npackage dep\n"+odd+`
-- odd/track.go --
package odd

import "example.com/m/dep"

//opik:track
func root(dep.Alias) {}
`)
	wantRoot := compiled(t, dir, false, "./odd")["example.com/m/odd"]
	wantDep := compiled(t, dir, true, "./dep")["example.com/m/dep"]
	require.Greater(t, len(wantRoot), 70)

	for _, cache := range []string{"warm", "empty"} {
		t.Run(cache, func(t *testing.T) {
			if cache == "empty" {
				t.Setenv("GOCACHE", emptyCache)
			}
			got := loadFolder(t, dir)
			require.Len(t, got.Packages, 1)
			pkg := got.Packages[0]
			assert.Empty(t, pkg.TypeErrors)
			assert.Equal(t, wantRoot, declarations(pkg.Types, false))
			i := indexOf(pkg.Types.Imports(), "example.com/m/dep")
			assert.Equal(t, wantDep, declarations(pkg.Types.Imports()[i], true))
		})
	}
}

func indexOf(pkgs []*types.Package, path string) int {
	for i, pkg := range pkgs {
		if pkg.Path() == path {
			return i
		}
	}
	return -1
}

func TestLeanStandardLibraryIsComplete(t *testing.T) {
	dir := unpack(t, `
-- a.go --
package m

//opik:wrap net/http.ResponseWriter as=HTTP
//opik:wrap database/sql.DB as=SQL
//opik:wrap database/sql/driver.Conn as=Driver
`)
	t.Setenv("GOCACHE", emptyCache)
	got := loadFolder(t, dir)
	require.Empty(t, got.diagnostics)

	have := make(map[string][]string)
	for _, site := range got.Packages[0].Sites {
		pkg := site.Object.Pkg()
		have[pkg.Path()] = declarations(pkg, true)
	}
	t.Setenv("GOCACHE", "") // the usual one, for what needs a compiler
	for path, want := range compiled(t, dir, true, slices.Collect(maps.Keys(have))...) {
		assert.Equal(t, want, have[path], path)
	}
}

func TestLoadDoesNotDependOnProcessors(t *testing.T) {
	dir := unpack(t, `
-- a.go --
package m

//opik:wrap encoding/json.Marshaler as=Marshaler
//opik:wrap text/template.Template as=Template
`)
	t.Setenv("GOCACHE", emptyCache)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := loadFolder(t, dir)
	runtime.GOMAXPROCS(8)
	many := loadFolder(t, dir)
	assert.Equal(t, one.lines(), many.lines())
	for i, site := range one.Packages[0].Sites {
		other := many.Packages[0].Sites[i]
		assert.Equal(t, declarations(site.Object.Pkg(), true), declarations(other.Object.Pkg(), true))
	}
}
