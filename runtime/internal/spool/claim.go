package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// ErrBusy says that another process, or another client of this one, replays the spool.
var ErrBusy = errors.New("the spool is being replayed by somebody else")

// abandoned is the age at which a temporary file belongs to a process that is gone.
const abandoned = 10 * time.Minute

// A Claim is the right to replay a spool. The system takes it back from a process that dies.
type Claim struct {
	spool  *Spool
	lock   io.Closer
	unread map[string]bool // files that could not be read this time
	err    error           // of the last of them
}

// A File is a batch that waits in the spool.
type File struct {
	Rows []record.Row

	spool *Spool
	name  string
}

// Damaged is a file that could not be read and was set aside.
type Damaged struct {
	Name string
	Rows int // as its name says
	Err  error
}

// Error says which file it was.
func (d *Damaged) Error() string { return fmt.Sprintf("spool file %s: %v", d.Name, d.Err) }

// Unwrap returns what is wrong with the file.
func (d *Damaged) Unwrap() error { return d.Err }

// Claim takes the right to replay. It returns nil without an error if there is nothing to replay, and ErrBusy if
// somebody else is at it.
func (s *Spool) Claim() (*Claim, error) {
	if next, err := s.oldest(nil); next == "" {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(s.dir, lockName))
	if err != nil {
		return nil, err
	}
	s.sweep()
	return &Claim{spool: s, lock: lock, unread: map[string]bool{}}, nil
}

// Next returns the oldest file, or nil if there is none. The error is a *Damaged for a file that was set aside;
// Next goes on behind it when it is called again. Files that cannot be read now, as where the program has too many files
// open, wait for another claim; behind the last of the others Next says why.
func (c *Claim) Next() (*File, error) {
	for {
		name, err := c.spool.oldest(c.unread)
		if name == "" {
			return nil, errors.Join(err, c.err)
		}
		content, err := os.ReadFile(filepath.Join(c.spool.dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			c.spool.ignore(name) // it had to make room; a name never comes back
			continue
		case err != nil:
			c.unread[name], c.err = true, fmt.Errorf("reading a spool file: %w", err)
			continue
		}
		rows, err := decode(content)
		switch {
		case errors.Is(err, errNewer):
			c.spool.ignore(name)
			continue
		case err != nil:
			return nil, c.spool.setAside(name, err)
		}
		return &File{Rows: rows, spool: c.spool, name: name}, nil
	}
}

// Release gives the right to others.
func (c *Claim) Release() { _ = c.lock.Close() }

// Done removes a file whose rows have come to an end. A file that cannot be removed is not replayed again by this
// process.
func (f *File) Done() error {
	err := os.Remove(filepath.Join(f.spool.dir, f.name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f.spool.ignore(f.name)
	return fmt.Errorf("removing a replayed spool file: %w", err)
}

// oldest returns the name of the oldest file that can be replayed, but for some, "" if there is none.
func (s *Spool) oldest(but map[string]bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files, err := s.list()
	for _, file := range files {
		if !file.damaged && !s.skip[file.name] && !but[file.name] {
			return file.name, nil
		}
	}
	return "", err
}

// setAside renames a file that cannot be read, so that nobody stumbles over it again and somebody may look at it.
func (s *Spool) setAside(name string, reason error) error {
	path := filepath.Join(s.dir, name)
	if err := os.Rename(path, path+damagedSuffix); err != nil {
		s.ignore(name)
	}
	listed, _ := parseName(name)
	return &Damaged{Name: name, Rows: listed.rows, Err: reason}
}

// ignore leaves a file out from now on.
func (s *Spool) ignore(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skip[name] = true
}

// sweep removes what processes left that died while they wrote.
func (s *Spool) sweep() {
	entries, _ := os.ReadDir(s.dir) // whoever replays finds out
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasSuffix(entry.Name(), temporarySuffix) && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(s.dir, entry.Name())) // the next sweep tries again
		}
	}
}
