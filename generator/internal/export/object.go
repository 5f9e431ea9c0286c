package export

import "errors"

// object is a declaration that the data has, by the name that it goes by.
type object struct {
	index uint32 // in each of the four sections of objects
	owner uint32 // its package, in the section of packages
	path  uint32 // its package's path, a string
	name  uint32 // a string
}

// stubCode is the kind of an object that the data does not declare: one of the universe or of package unsafe.
const stubCode = 5

// ownPackage returns which package the data is of: the public root begins with it.
func (s *sections) ownPackage() (uint32, error) {
	at := ref{section: metaSection}
	root, err := s.element(at, nil)
	if err != nil {
		return 0, err
	}
	own := root.follow(packageSection)
	if root.rest.failed {
		return 0, root.invalid(at)
	}
	return own, nil
}

// objects returns the objects that the data declares. The linker has no section list anything else, and its public
// root lists them all.
func (s *sections) objects() ([]object, error) {
	paths, err := s.paths()
	if err != nil {
		return nil, err
	}
	objects := make([]object, 0, s.count(nameSection))
	var scratch [4]ref
	for index := range s.count(nameSection) {
		at := ref{nameSection, index}
		name, err := s.element(at, scratch[:])
		if err != nil {
			return nil, err
		}
		owner, text, code := name.follow(packageSection), name.follow(stringSection), name.rest.next()
		if name.rest.failed {
			return nil, name.invalid(at)
		}
		if code != stubCode {
			objects = append(objects, object{index, owner, paths[owner], text})
		}
	}
	return objects, nil
}

// paths returns the strings that are the paths of packages, by the packages' indexes.
func (s *sections) paths() ([]uint32, error) {
	paths := make([]uint32, s.count(packageSection))
	var scratch []ref
	for index := range paths {
		at := ref{packageSection, uint32(index)}
		pkg, err := s.element(at, scratch)
		if err != nil {
			return nil, err
		}
		scratch, paths[index] = pkg.refs, pkg.follow(stringSection)
		if pkg.rest.failed {
			return nil, pkg.invalid(at)
		}
		if len(s.text(paths[index])) == 0 {
			return nil, errors.New("a package has no path")
		}
	}
	return paths, nil
}
