package export_test

import (
	"bytes"
	"encoding/binary"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/export"
)

// counter counts what is read.
type counter struct {
	*bytes.Reader
	read int
}

func newReader(data []byte) *counter {
	return &counter{Reader: bytes.NewReader(data)}
}

func (c *counter) ReadAt(into []byte, at int64) (int, error) {
	n, err := c.Reader.ReadAt(into, at)
	c.read += n
	return n, err
}

// TestOpenReadsLittle holds Open to the declarations, which are the smaller part of the file.
func TestOpenReadsLittle(t *testing.T) {
	data := contents(t, "net/http")
	reader := newReader(data)
	_, err := export.Read(reader, int64(len(data)))
	require.NoError(t, err)
	assert.Less(t, reader.read, bytes.Index(data, []byte("\n$$\n")))
}

// TestOpenFile looks at what the errors of files say.
func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	_, err := export.Open(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = export.Open(dir)
	require.Error(t, err)
	text := filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(text, []byte("package text"), 0o666))
	_, err = export.Open(text)
	require.ErrorContains(t, err, "export data in "+text+": found no archive")
}

// TestTellsAllThatIsDeclared compares Tells with what an importer declares, in all packages.
func TestTellsAllThatIsDeclared(t *testing.T) {
	for _, path := range []string{"cmp", "io", "context", "net/url", "net/http"} {
		t.Run(path, func(t *testing.T) {
			pkg := newWorld(map[string][]byte{path: contents(t, path)}).read(t, path)
			data := open(t, path)
			for _, known := range append(pkg.Imports(), pkg) {
				assertTells(t, data, known)
			}
		})
	}
}

func assertTells(t *testing.T, data *export.Data, pkg *types.Package) {
	t.Helper()
	for _, name := range pkg.Scope().Names() {
		want := pkg != types.Unsafe
		assert.Equal(t, want, data.Tells(pkg.Path(), name), "%s.%s", pkg.Path(), name)
		assert.False(t, data.Tells(pkg.Path()+"/other", name))
		assert.False(t, data.Tells(pkg.Path(), name+"Other"))
	}
	assert.Equal(t, pkg != types.Unsafe && pkg.Scope().Len() > 0, data.Holds(pkg.Path()), pkg.Path())
	assert.False(t, data.Holds(pkg.Path()+"/other"))
}

// TestTells looks at objects that the data has for one reason or another.
func TestTells(t *testing.T) {
	data := open(t, "net/http")
	assert.True(t, data.Tells("net/http", "Client"))
	assert.True(t, data.Tells("context", "Context"), "an interface of a parameter")
	assert.True(t, data.Tells("net/http", "pattern"), "behind an unexported field")
	assert.False(t, data.Tells("context", "WithTimeoutCause"), "a function that it does not call")
	assert.False(t, data.Tells("builtin", "error"), "every importer knows the universe")
	assert.False(t, data.Tells("", "Client"))
	assert.Zero(t, testing.AllocsPerRun(100, func() { data.Tells("net/http", "Client") }))
}

// TestTellsOfCommand looks at the path that the compiler knows a command by.
func TestTellsOfCommand(t *testing.T) {
	data, err := export.Open(compile(t, shapes)["example.com/shapes/command"])
	require.NoError(t, err)
	assert.True(t, data.Tells("main", "Flag"))
	assert.False(t, data.Tells("example.com/shapes/command", "Flag"))
}

// TestUnknown changes what is known of the format, which leaves the file to the importer.
func TestUnknown(t *testing.T) {
	for _, test := range []struct {
		name, find, replace, want string
	}{
		{"empty", "", "", "found no archive"},
		{"archive", "!<arch>\n", "!<thin>\n", "found no archive"},
		{"entry", "__.PKGDEF ", "__.SYMDEF ", "found no archive"},
		{"length", "0     0     644     ", "0     0     644     x", "has no length"},
		{"short", "0     0     644     1", "0     0     644     9", "the file ends within"},
		{"object", "go object ", "go bundle ", "no data in the unified format"},
		{"text", "\n$$B\nu", "\n$$C\nu", "no data in the unified format"},
		{"indexed", "\n$$B\nu", "\n$$B\ni", "no data in the unified format"},
		{"older", "\n$$B\nu\x02", "\n$$B\nu\x01", "found version 1"},
		{"newer", "\n$$B\nu\x02", "\n$$B\nu\x03", "found version 3"},
		{"markers", "\n$$B\nu\x02\x00\x00\x00\x00", "\n$$B\nu\x02\x00\x00\x00\x01", "with flags 0x1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := contents(t, "cmp")
			require.True(t, bytes.Contains(data, []byte(test.find)))
			changed := bytes.Replace(data, []byte(test.find), []byte(test.replace), 1)
			if test.find == "" {
				changed = nil
			}
			_, err := export.Read(newReader(changed), int64(len(changed)))
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestLongHeaders has more in front of the data than is looked at.
func TestLongHeaders(t *testing.T) {
	data := bytes.Replace(contents(t, "cmp"), []byte("\n\n$$B"), []byte("\n"+strings.Repeat("x", 5000)+"\n$$B"), 1)
	_, err := export.Read(newReader(data), int64(len(data)))
	require.ErrorContains(t, err, "no data in the unified format")
}

// TestOutOfBounds writes the largest number over each of those that say where sections and elements end.
func TestOutOfBounds(t *testing.T) {
	original := contents(t, "cmp")
	begin := bytes.Index(original, []byte("\n$$B\nu")) + len("\n$$B\nu") + 8
	elements := int(binary.LittleEndian.Uint32(original[begin+4*9:]))
	for i := range 10 + elements {
		data := bytes.Clone(original)
		binary.LittleEndian.PutUint32(data[begin+4*i:], 1<<32-1)
		_, err := export.Read(newReader(data), int64(len(data)))
		require.Error(t, err, i)
	}
}

// TestTruncated opens a file of every length below its own.
func TestTruncated(t *testing.T) {
	data := contents(t, "cmp")
	end := bytes.Index(data, []byte("\n$$\n")) + len("\n$$\n")
	for length := range data {
		_, err := export.Read(newReader(data[:length]), int64(length))
		require.Equal(t, length >= end, err == nil, length)
	}
}

// TestFlipped flips the bits of a file, one at a time.
func TestFlipped(t *testing.T) {
	data := contents(t, "cmp")
	names := set("Compare", "Less", "Ordered", "Or")
	for i := 0; i < 8*bytes.Index(data, []byte("\n$$\n")); i += stride {
		data[i/8] ^= 1 << (i % 8)
		checkTrim(t, data, names)
		data[i/8] ^= 1 << (i % 8)
	}
}

// checkTrim opens and trims data that may be anything. What comes of it opens, and trims to itself.
func checkTrim(t *testing.T, data []byte, names map[string]bool) {
	t.Helper()
	opened, err := export.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return
	}
	once, err := opened.Trim(names)
	if err != nil {
		return
	}
	opened, err = export.Read(bytes.NewReader(once), int64(len(once)))
	require.NoError(t, err)
	again, err := opened.Trim(names)
	require.NoError(t, err)
	require.Equal(t, once, again)
}

// FuzzTrim looks for data on which something panics.
func FuzzTrim(f *testing.F) {
	for _, path := range []string{"cmp", "iter", "io"} {
		data := contents(f, path)
		f.Add(data[:bytes.Index(data, []byte("\n$$\n"))+len("\n$$\n")], "Compare,Less,Seq,Reader,EOF")
	}
	f.Fuzz(func(t *testing.T, data []byte, names string) {
		checkTrim(t, data, set(strings.Split(names, ",")...))
	})
}

// BenchmarkTrim compares reading two names of a package with reading all of it.
func BenchmarkTrim(b *testing.B) {
	const path = "net/http"
	file := exportFile(b, path)
	b.Run("trimmed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newWorld(map[string][]byte{path: trim(b, path, "Header", "StatusText")}).read(b, path)
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reader := importer.ForCompiler(token.NewFileSet(), "gc", func(string) (io.ReadCloser, error) { return os.Open(file) })
			_, err := reader.Import(path)
			require.NoError(b, err)
		}
	})
}
