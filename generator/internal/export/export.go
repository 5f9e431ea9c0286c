// Package export cuts the export data of a compiled package down to some of its objects and what they depend on.
//
// Go's own importer reads export data whole, and that of a large SDK declares thousands of types where a wrapper names
// two. The data is a list of elements, and each begins with a table of the elements that it refers to. So what an
// object depends on is found by following the tables, without knowing what else the elements say. What is found
// is copied into an archive of its own, with other indexes in the tables and the same bytes behind them: just what
// the compiler does when it copies declarations from the packages that it imports.
//
// The format is described in the standard library, in internal/pkgbits (the elements), go/internal/gcimporter (what an
// importer reads of them) and internal/exportdata (the archive). It belongs to the Go project and may change with every
// release. Only the version that is known here is read: anything else is an error, and the caller then leaves the file
// to the importer as it is.
package export

import (
	"fmt"
	"io"
	"os"
)

// Data is the export data of one package. It does not change once it is open, so any number of goroutines may use it.
type Data struct {
	head     []byte // what stands between the archive's header and the sections: object headers and the format's mark
	sections sections
	own      uint32   // the package itself, in the section of packages
	objects  []object // in the order of their indexes
}

// Open reads an export file, one that go list -export names. It reads what Trim may copy: neither the bodies of
// functions nor the object code that follow, which are most of the file.
func Open(path string) (*Data, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	data, err := read(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("export data in %s: %w", path, err)
	}
	return data, nil
}

// read reads an export file of that size.
func read(file io.ReaderAt, size int64) (*Data, error) {
	head, payload, err := readArchive(file, size)
	if err != nil {
		return nil, err
	}
	data := &Data{head: head}
	if data.sections, err = readSections(payload); err != nil {
		return nil, err
	}
	if data.own, err = data.sections.ownPackage(); err != nil {
		return nil, err
	}
	data.objects, err = data.sections.objects()
	return data, err
}

// Tells reports whether an importer that reads the data as a whole could learn of a name from it. A package's data has
// objects of other packages too, those that its own depend on. Every package, its own too, goes by the path that the
// compiler knew it by, which is "main" for a command.
func (d *Data) Tells(pkgPath, name string) bool {
	for _, object := range d.objects {
		if string(d.sections.text(object.name)) == name && string(d.sections.text(object.path)) == pkgPath {
			return true
		}
	}
	return false
}

// Holds reports whether an importer that reads the data as a whole could learn of anything that a package declares.
func (d *Data) Holds(pkgPath string) bool {
	for _, object := range d.objects {
		if string(d.sections.text(object.path)) == pkgPath {
			return true
		}
	}
	return false
}
