package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/opikgen/opikgen/generator"
)

// write brings the stale files up to date. Contents go to temporary files first and are renamed when all of them
// are on disk, so that a full disk or a read-only folder leaves every file as it was.
func write(files []generator.File, logf func(string, ...any)) error {
	var staged []stagedFile
	defer func() { discard(staged) }()
	for _, file := range files {
		if !file.Stale() || file.Content == nil {
			continue
		}
		temporary, err := stage(file)
		if err != nil {
			return err
		}
		staged = append(staged, stagedFile{temporary: temporary, path: file.Path})
	}
	if err := rename(staged, logf); err != nil {
		return err
	}
	return remove(files, logf)
}

// A stagedFile is content on disk that has not got its name yet.
type stagedFile struct{ temporary, path string }

// stage writes the content beside its destination, where a rename is atomic.
func stage(file generator.File) (temporary string, err error) {
	f, err := os.CreateTemp(filepath.Dir(file.Path), ".opik_gen-*.tmp")
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", short(file.Path), err)
	}
	_, err = f.Write(file.Content)
	if err := errors.Join(err, f.Chmod(permissions(file.Path)), f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing %s: %w", short(file.Path), err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// permissions are those of the file that is replaced, or what an editor would give a new one.
func permissions(path string) os.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// rename gives the staged files their names. One that cannot have it, because a folder is called so, keeps no other
// from it.
func rename(staged []stagedFile, logf func(string, ...any)) error {
	var failed []error
	for _, file := range staged {
		if err := os.Rename(file.temporary, file.path); err != nil {
			failed = append(failed, fmt.Errorf("replacing %s: %w", short(file.path), err))
			continue
		}
		if logf != nil {
			logf("wrote %s", short(file.path))
		}
	}
	return errors.Join(failed...)
}

// discard removes what was staged and not renamed. After a rename there is nothing left to remove.
func discard(staged []stagedFile) {
	for _, file := range staged {
		_ = os.Remove(file.temporary)
	}
}

// printRemoved names the files that were removed while go generate runs. It has listed the files of the folder before, and
// stops where one of them is gone.
func printRemoved(w io.Writer, files []generator.File) error {
	if os.Getenv("GOFILE") == "" {
		return nil
	}
	for _, file := range files {
		if !file.Stale() || file.Content != nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "opikgen: removed %s, whose package has no directive left; where go generate now misses it, run it once more\n", short(file.Path)); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the generated files of packages that hold no directive any more.
func remove(files []generator.File, logf func(string, ...any)) error {
	for _, file := range files {
		if !file.Stale() || file.Content != nil {
			continue
		}
		if err := os.Remove(file.Path); err != nil {
			return fmt.Errorf("removing %s, whose package has no directive left: %w", short(file.Path), err)
		}
		if logf != nil {
			logf("removed %s: its package has no directive left", short(file.Path))
		}
	}
	return nil
}
