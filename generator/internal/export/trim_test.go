package export_test

import (
	"fmt"
	"go/types"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/export"
)

// TestEveryObjectAlone trims packages to each of their objects in turn.
func TestEveryObjectAlone(t *testing.T) {
	for _, path := range standard {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			compareObjects(t, path, exportFile(t, path))
		})
	}
}

// compareObjects holds what an importer reads of a trimmed package against what it reads of the whole.
func compareObjects(t *testing.T, path, file string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	data, err := export.Open(file)
	require.NoError(t, err)
	original := newWorld(map[string][]byte{path: whole})
	scope := original.read(t, path).Scope()
	describer := newDescriber(original.files)
	names := scope.Names()
	require.NotEmpty(t, names)
	for i := 0; i < len(names); i += stride {
		assertKept(t, describer, scope.Lookup(names[i]), data, set(names[i]))
	}
	assertKept(t, describer, scope.Lookup(names[0]), data, set(names...))
}

// assertKept trims to the names, and compares what an importer then knows of an object with its description.
func assertKept(t *testing.T, describer *describer, object types.Object, data *export.Data, names map[string]bool) {
	t.Helper()
	path := object.Pkg().Path()
	trimmed, err := data.Trim(names)
	require.NoError(t, err)
	world := newWorld(map[string][]byte{path: trimmed})
	kept := world.read(t, path).Scope().Lookup(object.Name())
	require.NotNil(t, kept, object.Name())
	if want, got := describer.describe(object), newDescriber(world.files).describe(kept); want != got {
		assert.Equal(t, want, got, object.Name())
	}
}

// shapes is a module with what the standard library does not declare.
var shapes = map[string]string{
	"go.mod": "module example.com/shapes\n\ngo 1.24\n",
	"shapes.go": `package shapes

import "example.com/shapes/other"

type hidden[T other.Number] struct {
	*other.Node[T]
	next *hidden[T]
	Tag  string ` + "`json:\"tag\"`" + `
}

func (h *hidden[T]) Next() *hidden[T] { return h.next }

type Pairs[K comparable, V any] = map[K]other.Pair[K, V]
type Ints = Pairs[string, int]
type Own = hidden[int]
type Cycle = *struct{ Next Loop }
type Loop []Cycle
type Union interface { ~int | ~[]byte | other.Number; comparable }
type Both interface { other.Namer; interface{ both(other.Self) } }

func Map[S ~[]E, E any, R interface{ *E; Set(E) }](s S, f func(E) R) ([]R, error) {
	type local struct{ e E }
	all := []local{{}}
	_ = all
	return nil, nil
}

var Instance other.Node[float64]
var Literal = struct{ a, B chan<- [Big >> 99]func(...Own) }{}

const Big, Complex, Ratio, Text, Rune, Typed = 1 << 100, 1 + 2i, 1.0 / 3, "text", 'r', other.Kind(3)
`,
	"other/other.go": `package other

type Number interface{ ~int | ~float64 }
type Kind uint8
type Namer interface{ Name() string }
type Self interface{ Me() Self; unexported() secret }
type secret struct{ Kind }

func (secret) Kinds() [3]Kind { return [3]Kind{} }

type Pair[K comparable, V any] struct { Key K; Value V }
type Node[T Number] struct { Left, Right *Node[T]; Value T; secret }

func (n Node[N]) Walk(yield func(N, Pair[string, N]) bool) {}
`,
	"command/command.go": `package main

import "example.com/shapes"

type Flag struct{ Own *shapes.Own }

func main() { _ = Flag{} }
`,
}

// TestShapes trims a module of its own in the same way. A command's data says that its path is main.
func TestShapes(t *testing.T) {
	files := compile(t, shapes)
	compareObjects(t, "example.com/shapes", files["example.com/shapes"])
	compareObjects(t, "example.com/shapes/other", files["example.com/shapes/other"])
	compareObjects(t, "main", files["example.com/shapes/command"])
}

// TestOnlyWhatIsNeeded holds the trimmed data to the objects of those names and what they depend on.
func TestOnlyWhatIsNeeded(t *testing.T) {
	for _, test := range []struct {
		names, want []string
	}{
		{[]string{"Reader"}, []string{"Reader"}},
		{[]string{"ReadCloser"}, []string{"Closer", "ReadCloser", "Reader"}},
		{[]string{"EOF", "Writer", "reader", "error", "Context"}, []string{"EOF", "Writer"}},
		{[]string{"NoSuchName"}, nil},
		{nil, nil},
	} {
		t.Run(fmt.Sprint(test.names), func(t *testing.T) {
			pkg := newWorld(map[string][]byte{"io": trim(t, "io", test.names...)}).read(t, "io")
			assert.ElementsMatch(t, test.want, pkg.Scope().Names())
			assert.Equal(t, "io", pkg.Name())
			assert.True(t, pkg.Complete())
		})
	}
}

// TestSharedTypes reads trimmed packages into one importer, in either order. Each has objects of the other, or only
// some of those that the other refers to.
func TestSharedTypes(t *testing.T) {
	data := map[string][]byte{
		"net/http": trim(t, "net/http", "Request", "NewRequestWithContext"),
		"net/url":  trim(t, "net/url", "Parse", "Userinfo"),
		"context":  trim(t, "context", "WithValue"),
	}
	for _, order := range [][]string{{"net/http", "net/url", "context"}, {"context", "net/url", "net/http"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			world := newWorld(data)
			for _, path := range order {
				world.read(t, path)
			}
			request := signature(t, world, "net/http", "NewRequestWithContext")
			parse := signature(t, world, "net/url", "Parse")
			withValue := signature(t, world, "context", "WithValue")
			assertIdentical(t, parse.Results().At(0).Type(), field(t, request.Results().At(0).Type(), "URL"))
			assertIdentical(t, withValue.Results().At(0).Type(), request.Params().At(0).Type())
			assertIdentical(t, field(t, request.Results().At(0).Type(), "ctx"), request.Params().At(0).Type())
		})
	}
}

// signature returns the type of a function.
func signature(t *testing.T, world world, path, name string) *types.Signature {
	t.Helper()
	function, ok := world.read(t, path).Scope().Lookup(name).(*types.Func)
	require.True(t, ok, "%s.%s is no function", path, name)
	return function.Signature()
}

// field returns the type of the field of the struct that is pointed to.
func field(t *testing.T, pointer types.Type, name string) types.Type {
	t.Helper()
	named, ok := types.Unalias(pointer.(*types.Pointer).Elem()).(*types.Named)
	require.True(t, ok)
	object, _, _ := types.LookupFieldOrMethod(named, true, named.Obj().Pkg(), name)
	require.NotNil(t, object)
	return object.Type()
}

func assertIdentical(t *testing.T, want, got types.Type) {
	t.Helper()
	assert.True(t, types.Identical(want, got), "%s and %s are not identical", want, got)
}

// TestTrimAgain trims what is trimmed already.
func TestTrimAgain(t *testing.T) {
	once := trim(t, "net/http", "Client", "Header", "StatusText")
	assert.Equal(t, once, trim(t, "net/http", "Client", "Header", "StatusText"))
	data, err := export.Read(newReader(once), int64(len(once)))
	require.NoError(t, err)
	again, err := data.Trim(set("Client", "Header", "StatusText"))
	require.NoError(t, err)
	assert.Equal(t, once, again)
}
